package geojson

// Code names a kind of fault. Codes are stable: reports and tests rely on them.
type Code string

// Faults of JSON itself (RFC 8259, RFC 7493 for duplicate keys and surrogates).
const (
	CodeSyntax       Code = "syntax"
	CodeTruncated    Code = "truncated"
	CodeTrailing     Code = "trailing_data"
	CodeDuplicateKey Code = "duplicate_key"
	CodeUTF8         Code = "invalid_utf8"
	CodeEscape       Code = "bad_escape"
	CodeSurrogate    Code = "lone_surrogate"
	CodeControl      Code = "control_character"
	CodeNumber       Code = "bad_number"
	CodeNumberRange  Code = "number_out_of_range"
	CodeDepth        Code = "nested_too_deep"
)

// Faults of the file.
const (
	CodeEmpty           Code = "empty_file"
	CodeNotJSON         Code = "not_json"
	CodeNotGeoJSON      Code = "not_geojson"
	CodeEncoding        Code = "not_utf8_encoding"
	CodeArchive         Code = "archive"
	CodeGzip            Code = "gzip_damaged"
	CodeTooLarge        Code = "file_too_large"
	CodeFeatureTooLarge Code = "feature_too_large"
	CodeMembersTooLarge Code = "members_too_large"
)

// Faults of GeoJSON objects (RFC 7946).
const (
	CodeMissingType         Code = "missing_type"
	CodeUnknownType         Code = "unknown_type"
	CodeTypeCase            Code = "type_case"
	CodeTypeNotString       Code = "type_not_string"
	CodeMissingFeatures     Code = "missing_features"
	CodeFeaturesNotArray    Code = "features_not_array"
	CodeMisplaced           Code = "misplaced_member"
	CodeFeatureNull         Code = "feature_null"
	CodeFeatureNotObject    Code = "feature_not_object"
	CodeNotWrapped          Code = "geometry_not_wrapped"
	CodeCollectionInside    Code = "collection_inside"
	CodeMissingGeometry     Code = "missing_geometry"
	CodeMissingProperties   Code = "missing_properties"
	CodePropertiesNotObject Code = "properties_not_object"
	CodeTooManyProperties   Code = "too_many_properties"
	CodeID                  Code = "bad_id"
	CodeBBox                Code = "bad_bbox"
)

// Faults of geometry objects (RFC 7946 section 3.1). Whether rings are closed and valid is package geo's matter.
const (
	CodeGeometryNotObject   Code = "geometry_not_object"
	CodeGeometryIsFeature   Code = "geometry_is_feature"
	CodeMissingCoordinates  Code = "missing_coordinates"
	CodeMissingGeometries   Code = "missing_geometries"
	CodeGeometries          Code = "geometries_not_array"
	CodeCoordinatesNotArray Code = "coordinates_not_array"
	CodeShallow             Code = "coordinates_too_shallow"
	CodeDeep                Code = "coordinates_too_deep"
	CodeEmptyCoordinates    Code = "empty_coordinates"
	CodePositionShort       Code = "position_too_short"
	CodePositionNotNumber   Code = "position_not_number"
)

type texts struct{ message, remedy Text }

// describe gives message and remedy of a code; {0} and {1} are filled by the fault.
func describe(c Code) texts {
	for _, table := range [...]func(Code) (texts, bool){jsonTexts, fileTexts, objectTexts, geometryTexts} {
		if t, ok := table(c); ok {
			return t
		}
	}
	return say(string(c), string(c), "", "")
}

func say(zh, en, remedyZH, remedyEN string) texts {
	return texts{message: Text{ZH: zh, EN: en}, remedy: Text{ZH: remedyZH, EN: remedyEN}}
}

func jsonTexts(c Code) (texts, bool) {
	const exportZH, exportEN = "请用产生该文件的软件重新导出", "export the file again with the software that wrote it"
	switch c {
	case CodeSyntax:
		return say("JSON 语法错误：此处应为{0}，实际是{1}", "JSON syntax: expected {0}, found {1}", "请在该字节处更正或重新导出", "correct the text at this byte or export the file again"), true
	case CodeTruncated:
		return say("文本在{0}中间结束", "the text ends inside {0}", "文件不完整，请重新复制或重新导出", "the file is incomplete: copy or export it again"), true
	case CodeTrailing:
		return say("{0}结束之后还有内容（{1}）", "there is more text ({1}) after the end of {0}", "请删除多余内容；多个要素请放入一个 FeatureCollection 或每行一个", "delete it; put several features into one FeatureCollection or one a line"), true
	case CodeDuplicateKey:
		return say("同一对象中键“{0}”重复", "key \"{0}\" occurs twice in one object", "请只保留一个“{0}”", "keep one \"{0}\" only"), true
	case CodeUTF8:
		return say("不是合法的 UTF-8 文本（字节 {0}）", "invalid UTF-8 (byte {0})", "请将文件转为 UTF-8（例如 iconv -f GB18030 -t UTF-8）", "convert the file to UTF-8 (for example iconv -f GB18030 -t UTF-8)"), true
	case CodeEscape:
		return say("字符串中有非法转义 {0}", "illegal escape {0} in a string", "反斜杠本身须写作 \\\\", "write a backslash itself as \\\\"), true
	case CodeSurrogate:
		return say("字符串中有不成对的代理项 {0}", "lone surrogate {0} in a string", exportZH, exportEN), true
	case CodeControl:
		return say("字符串中有未转义的控制字符 {0}", "unescaped control character {0} in a string", "请写成 \\n、\\t 或 \\u00xx", "write it as \\n, \\t or \\u00xx"), true
	case CodeNumber:
		return say("不是合法的 JSON 数字：{0}", "not a JSON number: {0}", "数字形如 -12.5 或 1e3；不能有前导零、正号、NaN", "write -12.5 or 1e3; no leading zero, plus sign or NaN"), true
	case CodeNumberRange:
		return say("坐标数值超出双精度范围：{0}", "coordinate beyond double precision: {0}", "请更正该坐标", "correct this coordinate"), true
	case CodeDepth:
		return say("嵌套超过 {0} 层", "nested deeper than {0} levels", "请展平该属性，或提高嵌套上限", "flatten the value or raise the depth limit"), true
	}
	return texts{}, false
}

func fileTexts(c Code) (texts, bool) {
	switch c {
	case CodeEmpty:
		return say("文件为空", "the file is empty", "请检查导出是否成功", "check that the export succeeded"), true
	case CodeNotJSON:
		return say("不是 JSON：开头是{0}", "not JSON: it starts with {0}", "请提供 GeoJSON（可先用 ogr2ogr -f GeoJSON -lco RFC7946=YES 转换）", "give GeoJSON (ogr2ogr -f GeoJSON -lco RFC7946=YES converts other formats)"), true
	case CodeNotGeoJSON:
		return say("顶层是{0}，不是 GeoJSON 对象", "the top level is {0}, not a GeoJSON object", "请用 {\"type\":\"FeatureCollection\",\"features\":[…]} 包装", "wrap it as {\"type\":\"FeatureCollection\",\"features\":[…]}"), true
	case CodeEncoding:
		return say("文件编码是 {0}，不是 UTF-8", "the file is encoded in {0}, not UTF-8", "请转为 UTF-8（例如 iconv -f {0} -t UTF-8）", "convert it to UTF-8 (for example iconv -f {0} -t UTF-8)"), true
	case CodeArchive:
		return say("这是 {0} 压缩包", "this is a {0} archive", "请先解压，或改用 gzip", "unpack it first, or use gzip"), true
	case CodeGzip:
		return say("gzip 数据损坏：{0}", "damaged gzip data: {0}", "请重新压缩或重新传输", "compress or copy the file again"), true
	case CodeTooLarge:
		return say("解压后的内容超过上限 {0} 字节", "more than {0} bytes (after decompression)", "请拆分文件，或提高上限", "split the file or raise the limit"), true
	case CodeMembersTooLarge:
		return say("顶层对象在 \"features\" 之外的内容超过上限 {0} 字节", "the top-level object has more than {0} bytes outside \"features\"", "请检查括号和引号是否配对，或提高上限", "check that braces and quotes are balanced, or raise the limit"), true
	case CodeFeatureTooLarge:
		return say("第{1}个要素超过单个要素上限 {0} 字节", "feature {1} is larger than the limit of {0} bytes", "请检查该要素的括号是否配对，或提高上限", "check that its braces and quotes are balanced, or raise the limit"), true
	}
	return texts{}, false
}

func objectTexts(c Code) (texts, bool) {
	switch c {
	case CodeMissingType:
		return say("{0}缺少 \"type\" 成员", "\"type\" is missing from the {0} object", "请补上 \"type\"（RFC 7946 第3节）", "add \"type\" (RFC 7946 section 3)"), true
	case CodeUnknownType:
		return say("{0}的 \"type\" 不认识：“{1}”", "unknown \"type\" of {0}: \"{1}\"", "应为 RFC 7946 第1.4节的类型之一", "use one of the types of RFC 7946 section 1.4"), true
	case CodeTypeCase:
		return say("\"type\" 的大小写不对：“{0}”", "wrong case in \"type\": \"{0}\"", "应写作“{1}”", "write \"{1}\""), true
	case CodeTypeNotString:
		return say("\"type\" 应为字符串，实际是{0}", "\"type\" must be a string, found {0}", "请写成 \"type\":\"…\"", "write \"type\":\"…\""), true
	case CodeMissingFeatures:
		return say("FeatureCollection 缺少 \"features\"", "the FeatureCollection has no \"features\"", "请补上 \"features\":[…]；没有要素时写空数组", "add \"features\":[…], empty if there are none"), true
	case CodeFeaturesNotArray:
		return say("\"features\" 应为数组，实际是{0}", "\"features\" must be an array, found {0}", "请写成 \"features\":[…]", "write \"features\":[…]"), true
	case CodeMisplaced:
		return say("{1}中不得有成员“{0}”（RFC 7946 第7.1节）", "member \"{0}\" must not stand in a {1} object (RFC 7946 section 7.1)", "请把它移到所属的对象中，或改名", "move it to the object it belongs to, or rename it"), true
	case CodeFeatureNull:
		return say("要素为 null", "the feature is null", "请删除该元素或补上要素", "delete the element or put a feature there"), true
	case CodeFeatureNotObject:
		return say("要素应为对象，实际是{0}", "a feature must be an object, found {0}", "请写成 {\"type\":\"Feature\",…}", "write {\"type\":\"Feature\",…}"), true
	case CodeNotWrapped:
		return say("此处应为 Feature，实际是几何对象 {0}", "a bare {0} geometry stands where a Feature belongs", "请包装为 {\"type\":\"Feature\",\"geometry\":…,\"properties\":{…}}", "wrap it as {\"type\":\"Feature\",\"geometry\":…,\"properties\":{…}}"), true
	case CodeCollectionInside:
		return say("此处应为 Feature，实际是 FeatureCollection", "a FeatureCollection stands where a Feature belongs", "请把其中的要素逐个列出", "list its features one by one"), true
	case CodeMissingGeometry:
		return say("要素缺少 \"geometry\"", "the feature has no \"geometry\" member", "请补上 \"geometry\"；没有图形时写 null", "add \"geometry\", null if there is none"), true
	case CodeMissingProperties:
		return say("要素缺少 \"properties\"", "the feature has no \"properties\" member", "请补上 \"properties\"；没有属性时写 null", "add \"properties\", null if there are none"), true
	case CodePropertiesNotObject:
		return say("\"properties\" 应为对象或 null，实际是{0}", "\"properties\" must be an object or null, found {0}", "请写成 \"properties\":{…}", "write \"properties\":{…}"), true
	case CodeTooManyProperties:
		return say("一个要素的属性超过 {0} 个", "more than {0} properties in one feature", "请删减属性，或提高上限", "drop properties or raise the limit"), true
	case CodeID:
		return say("\"id\" 应为字符串或数字，实际是{0}", "\"id\" must be a string or a number, found {0}", "请更正或删除该 \"id\"", "correct or remove this \"id\""), true
	case CodeBBox:
		return say("\"bbox\" 应为 4 个或 6 个数字的数组", "\"bbox\" must be an array of 4 or 6 numbers", "请更正或删除 \"bbox\"（可由坐标算出）", "correct or remove \"bbox\" (it follows from the coordinates)"), true
	}
	return texts{}, false
}

func geometryTexts(c Code) (texts, bool) {
	switch c {
	case CodeGeometryNotObject:
		return say("\"geometry\" 应为对象或 null，实际是{0}", "\"geometry\" must be an object or null, found {0}", "请写成 {\"type\":\"Polygon\",\"coordinates\":…}；WKT 须先转换", "write {\"type\":\"Polygon\",\"coordinates\":…}; convert WKT first"), true
	case CodeGeometryIsFeature:
		return say("\"geometry\" 中放的是 {0}，不是几何对象", "\"geometry\" holds a {0}, not a geometry object", "请把其中的几何对象直接放在 \"geometry\" 下", "put its geometry object directly under \"geometry\""), true
	case CodeMissingCoordinates:
		return say("{0} 缺少 \"coordinates\"", "the {0} has no \"coordinates\"", "请补上坐标；没有图形时 \"geometry\" 写 null", "add the coordinates, or set \"geometry\" to null"), true
	case CodeMissingGeometries:
		return say("GeometryCollection 缺少 \"geometries\"", "the GeometryCollection has no \"geometries\"", "请补上 \"geometries\":[…]", "add \"geometries\":[…]"), true
	case CodeGeometries:
		return say("\"geometries\" 应为几何对象的数组，实际是{0}", "\"geometries\" must be an array of geometry objects, found {0}", "请写成 \"geometries\":[{…}]", "write \"geometries\":[{…}]"), true
	case CodeCoordinatesNotArray:
		return say("\"coordinates\" 应为数组，实际是{0}", "\"coordinates\" must be an array, found {0}", "请按 RFC 7946 第3.1节书写坐标", "write coordinates as in RFC 7946 section 3.1"), true
	case CodeShallow:
		return say("{0} 的坐标嵌套太浅，此处应为{1}", "coordinates of {0} are nested too shallowly: expected {1} here", "请补上方括号，或更正 \"type\"", "add the missing brackets or correct \"type\""), true
	case CodeDeep:
		return say("{0} 的坐标嵌套太深，此处应为数字", "coordinates of {0} are nested too deeply: expected a number here", "请去掉多余方括号，或更正 \"type\"", "remove the extra brackets or correct \"type\""), true
	case CodeEmptyCoordinates:
		return say("{0} 的坐标为空", "empty coordinates in {0}", "请补上坐标；没有图形时 \"geometry\" 写 null", "add the coordinates, or set \"geometry\" to null"), true
	case CodePositionShort:
		return say("坐标点少于两个数字", "a position has fewer than two numbers", "坐标点须写作 [经度, 纬度]", "write a position as [longitude, latitude]"), true
	case CodePositionNotNumber:
		return say("坐标点中应为数字，实际是{0}", "a position must hold numbers, found {0}", "坐标须写成不带引号的数字", "write coordinates as numbers without quotes"), true
	}
	return texts{}, false
}
