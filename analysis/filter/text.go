package filter

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseText reads a filter in the text encoding (cql2-text), whatever names it
// uses, within the default limits. An error is Faults.
func ParseText(src string) (Expr, error) {
	fs := &faults{source: src}
	e := parseText(fs, Limits{})
	if len(fs.list) == 0 {
		check(e, nil, fs)
	}
	if err := fs.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// parser reads tokens by recursive descent. A function that cannot go on
// reports the fault and gives nil; the factor around it then skips to the next
// AND, OR or closing parenthesis.
type parser struct {
	*faults
	meter
	tokens  []token
	pos     int
	depth   int
	stopped bool // a limit is reached, and told
}

func (p *parser) add(code string, at Span, args ...any) {
	if !p.stopped {
		p.faults.add(code, at, args...)
	}
}

// parseText gives a tree even where there are faults; faulty parts are invalid
// nodes.
func parseText(fs *faults, limits Limits) Expr {
	p := &parser{faults: fs, meter: meter{limits: limits.orDefault()}}
	if !p.readable(fs) {
		return &invalid{}
	}
	p.tokens = scan(fs)
	e := p.condition()
	for p.peek().kind != tokenEnd {
		p.unexpected() // a closing parenthesis too many
		p.pos++
		if p.accept("AND") || p.accept("OR") || p.peek().kind != tokenEnd {
			p.condition()
		}
	}
	if !p.stopped {
		p.measure(e, fs)
	}
	return e
}

// readable refuses a source that is empty, too long or no text.
func (m *meter) readable(fs *faults) bool {
	src := fs.source
	switch {
	case len(src) > m.limits.Bytes:
		fs.source = ""
		fs.add("too_long", Span{}, len(src), m.limits.Bytes)
	case strings.TrimSpace(src) == "":
		fs.add("empty", Span{})
	case !utf8.ValidString(src) || strings.IndexByte(src, 0) >= 0:
		at := max(strings.IndexByte(src, 0), 0)
		for i, r := range src {
			if r == utf8.RuneError {
				at = i
				break
			}
		}
		fs.source = strings.ToValidUTF8(src, "?")
		fs.add("encoding", Span{at, at + 1})
	default:
		return true
	}
	return false
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) isPunct(s string) bool {
	t := p.peek()
	return t.kind == tokenPunct && t.text == s
}

func (p *parser) isWord(words ...string) bool {
	t := p.peek()
	return t.kind == tokenName && slices.Contains(words, t.word)
}

// accept goes past a punctuation or word where it comes next.
func (p *parser) accept(s string) bool {
	if p.isPunct(s) || p.isWord(s) {
		p.pos++
		return true
	}
	return false
}

// expect goes past s or reports what stands there instead.
func (p *parser) expect(s string) bool {
	if p.accept(s) {
		return true
	}
	p.add("expected", p.peek().span, s, p.found())
	return false
}

// found names the next token for a message.
func (p *parser) found() any {
	t := p.peek()
	if t.kind == tokenEnd {
		return key("end")
	}
	return "“" + cut(p.source[t.span.From:t.span.To], 40) + "”"
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (p *parser) unexpected() { p.add("unexpected", p.peek().span, p.found()) }

// stop ends the reading after a fault that makes the rest worthless.
func (p *parser) stop(code string, at Span, args ...any) {
	p.add(code, at, args...)
	p.stopped = true
	p.pos = len(p.tokens) - 1
}

// node counts a node against the limit.
func (p *parser) node(e Expr) Expr {
	if p.nodes++; p.nodes == p.limits.Nodes+1 {
		p.stop("too_many_nodes", e.Place(), p.limits.Nodes)
		return nil
	}
	return e
}

// since is the span from a start up to the last token read.
func (p *parser) since(from int) Span { return Span{from, p.tokens[max(p.pos-1, 0)].span.To} }

// nested runs parse one parenthesis deeper.
func (p *parser) nested(parse func() Expr) Expr {
	// Twice the tree's depth, since printing puts parentheses around nodes.
	if p.depth >= 2*p.limits.Depth {
		p.stop("too_deep", p.peek().span, p.limits.Depth)
		return nil
	}
	p.depth++
	e := parse()
	p.depth--
	return e
}

func (p *parser) condition() Expr {
	from := p.peek().span.From
	first := p.term()
	if !p.isWord("OR") {
		return first
	}
	args := []Expr{first}
	for p.accept("OR") {
		args = append(args, p.term())
	}
	return p.orInvalid(p.node(&Or{Span: p.since(from), Args: args}))
}

func (p *parser) term() Expr {
	from := p.peek().span.From
	first := p.factor()
	if !p.isWord("AND") {
		return first
	}
	args := []Expr{first}
	for p.accept("AND") {
		args = append(args, p.factor())
	}
	return p.orInvalid(p.node(&And{Span: p.since(from), Args: args}))
}

func (p *parser) orInvalid(e Expr) Expr {
	if e == nil {
		return &invalid{}
	}
	return e
}

// factor is where reading goes on after a fault, so it never gives nil.
func (p *parser) factor() Expr {
	first := p.peek()
	from := first.span.From
	var e Expr
	if p.accept("NOT") {
		e = p.nested(p.factor)
		if e != nil {
			e = p.node(&Not{Span: p.since(from), Arg: e})
		}
	} else {
		e = p.predicate()
	}
	if e != nil && !p.atBoundary() {
		p.unexpected()
		e = nil
	}
	if e == nil {
		p.skip(first.level)
		return &invalid{Span: p.since(from)}
	}
	return e
}

// atBoundary reports whether a factor may end here.
func (p *parser) atBoundary() bool {
	return p.peek().kind == tokenEnd || p.isWord("AND", "OR") || p.isPunct(")")
}

// skip goes to where reading can go on after a fault: the end of the factor
// that began with level parentheses open.
func (p *parser) skip(level int) {
	for p.peek().kind != tokenEnd && (p.peek().level > level || !p.atBoundary()) {
		p.pos++
	}
}

func (p *parser) predicate() Expr {
	from := p.peek().span.From
	left := p.scalar()
	if left == nil {
		return nil
	}
	if t := p.peek(); t.kind == tokenPunct {
		if op, ok := opNamed[CompareOp](compareNames[:], t.text, false); ok {
			p.pos++
			right := p.scalar()
			if right == nil {
				return nil
			}
			return p.node(&Comparison{Span: p.since(from), Op: op, Left: left, Right: right})
		}
	}
	if p.isWord("IS") {
		return p.isNull(from, left)
	}
	negated := p.accept("NOT")
	var e Expr
	switch {
	case p.accept("LIKE"):
		e = p.like(from, left)
	case p.accept("BETWEEN"):
		e = p.between(from, left)
	case p.accept("IN"):
		e = p.in(from, left)
	case negated:
		p.add("expected", p.peek().span, "LIKE, IN, BETWEEN", p.found())
		return nil
	default:
		return left
	}
	if e != nil && negated {
		e = p.node(&Not{Span: e.Place(), Arg: e})
	}
	return e
}

func (p *parser) isNull(from int, arg Expr) Expr {
	p.pos++
	negated := p.accept("NOT")
	if !p.expect("NULL") {
		return nil
	}
	e := p.node(&IsNull{Span: p.since(from), Arg: arg})
	if e != nil && negated {
		e = p.node(&Not{Span: p.since(from), Arg: e})
	}
	return e
}

func (p *parser) like(from int, arg Expr) Expr {
	pattern := p.scalar()
	if pattern == nil {
		return nil
	}
	return p.node(&Like{Span: p.since(from), Arg: arg, Pattern: pattern})
}

func (p *parser) between(from int, arg Expr) Expr {
	low := p.scalar()
	if low == nil || !p.expect("AND") {
		return nil
	}
	high := p.scalar()
	if high == nil {
		return nil
	}
	return p.node(&Between{Span: p.since(from), Arg: arg, Low: low, High: high})
}

func (p *parser) in(from int, arg Expr) Expr {
	if !p.expect("(") {
		return nil
	}
	list, ok := p.list1(p.scalar)
	if !ok {
		return nil
	}
	return p.node(&In{Span: p.since(from), Arg: arg, List: list})
}

// list1 reads one or more items up to the closing parenthesis.
func (p *parser) list1(item func() Expr) ([]Expr, bool) {
	var list []Expr
	for {
		e := p.nested(item)
		if e == nil {
			return nil, false
		}
		list = append(list, e)
		if !p.accept(",") {
			return list, p.expect(")")
		}
	}
}

// scalar reads sums, products and powers, and all that may stand in them.
func (p *parser) scalar() Expr { return p.leftToRight(p.product, Add, Subtract) }

func (p *parser) product() Expr {
	return p.leftToRight(p.power, Multiply, Divide, Modulo, IntegerDivide)
}

func (p *parser) leftToRight(operand func() Expr, ops ...ArithmeticOp) Expr {
	from := p.peek().span.From
	left := operand()
	for left != nil {
		op, ok := p.arithmeticOp(ops)
		if !ok {
			return left
		}
		right := operand()
		if right == nil {
			return nil
		}
		left = p.node(&Arithmetic{Span: p.since(from), Op: op, Left: left, Right: right})
	}
	return nil
}

func (p *parser) arithmeticOp(ops []ArithmeticOp) (ArithmeticOp, bool) {
	for _, op := range ops {
		if name := op.String(); p.isPunct(name) || op == IntegerDivide && p.isWord("DIV") {
			p.pos++
			return op, true
		}
	}
	return 0, false
}

// power is one step only: 2 ^ 3 ^ 2 has two readings, and the grammar none.
func (p *parser) power() Expr {
	from := p.peek().span.From
	left := p.unit()
	if left == nil || !p.accept("^") {
		return left
	}
	right := p.unit()
	if right == nil {
		return nil
	}
	if p.isPunct("^") {
		p.add("power_twice", p.peek().span)
		return nil
	}
	return p.node(&Arithmetic{Span: p.since(from), Op: Power, Left: left, Right: right})
}

// unit reads an operand with its sign.
func (p *parser) unit() Expr {
	from := p.peek().span.From
	sign := 1.0
	switch {
	case p.accept("-"):
		sign = -1
	case p.accept("+"):
		if p.peek().kind != tokenNumber {
			p.add("expected", p.peek().span, key("number"), p.found())
			return nil
		}
	}
	if p.peek().kind == tokenNumber {
		return p.number(from, sign)
	}
	e := p.primary()
	if e == nil || sign > 0 {
		return e
	}
	minus := p.node(&Literal{Span: Span{from, from + 1}, Value: NumberOf(-1)})
	if minus == nil {
		return nil
	}
	return p.node(&Arithmetic{Span: p.since(from), Op: Multiply, Left: minus, Right: e})
}

func (p *parser) number(from int, sign float64) Expr {
	t := p.peek()
	p.pos++
	f, ok := parseNumber(t.text)
	if !ok {
		p.add("number_range", t.span, t.text)
		return nil
	}
	return p.node(&Literal{Span: Span{from, t.span.To}, Value: NumberOf(f*sign + 0)})
}

// parseNumber reads an unsigned decimal number that a float64 can hold.
func parseNumber(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && f-f == 0
}

func (p *parser) primary() Expr {
	t := p.peek()
	switch t.kind {
	case tokenText:
		p.pos++
		return p.node(&Literal{Span: t.span, Value: TextOf(t.text)})
	case tokenQuoted:
		p.pos++
		return p.node(&Property{Span: t.span, Name: t.text})
	case tokenName:
		return p.named(t)
	case tokenPunct:
		if t.text != "(" {
			break
		}
		p.pos++
		e := p.nested(p.condition)
		if e == nil || !p.expect(")") {
			return nil
		}
		return e
	}
	p.add("expected", t.span, key("operand"), p.found())
	return nil
}

// named reads what begins with a word: a constant, a name, a literal or
// predicate with parentheses, or a function.
func (p *parser) named(t token) Expr {
	switch {
	case t.word == "TRUE" || t.word == "FALSE":
		p.pos++
		return p.node(&Literal{Span: t.span, Value: BooleanOf(t.word == "TRUE")})
	case t.word == "NULL":
		p.add("null_operand", t.span)
		return nil
	case reserved(t.word):
		p.add("expected", t.span, key("operand"), p.found())
		return nil
	}
	next := p.tokens[p.pos+1]
	call := next.kind == tokenPunct && next.text == "("
	if geometryWord(t.word) && (call || next.word == "Z" || next.word == "M" || next.word == "ZM" || next.word == "EMPTY") {
		return p.geometry()
	}
	p.pos++
	if !call {
		return p.node(&Property{Span: t.span, Name: t.text})
	}
	p.pos++
	return p.call(t)
}

// call reads the arguments of t, the parenthesis being open.
func (p *parser) call(t token) Expr {
	from := t.span.From
	switch t.word {
	case "DATE", "TIMESTAMP":
		return p.instant(t)
	case "INTERVAL":
		return p.interval(from)
	case "BBOX":
		return p.bbox(from)
	case "CASEI", "ACCENTI":
		return p.fold(t)
	}
	if op, ok := opNamed[SpatialOp](spatialNames[:], t.text, true); ok {
		left, right := p.two()
		if right == nil {
			return nil
		}
		return p.node(&SpatialPredicate{Span: p.since(from), Op: op, Left: left, Right: right})
	}
	if op, ok := opNamed[TemporalOp](temporalNames[:], t.text, true); ok {
		left, right := p.two()
		if right == nil {
			return nil
		}
		return p.node(&TemporalPredicate{Span: p.since(from), Op: op, Left: left, Right: right})
	}
	return p.function(t)
}

// two reads "a, b)".
func (p *parser) two() (left, right Expr) {
	left = p.nested(p.scalar)
	if left == nil || !p.expect(",") {
		return nil, nil
	}
	right = p.nested(p.scalar)
	if right == nil || !p.expect(")") {
		return nil, nil
	}
	return left, right
}

func (p *parser) function(t token) Expr {
	if arrayFunction(t.word) {
		p.add("array", t.span, t.text)
		return nil
	}
	var args []Expr
	if !p.accept(")") {
		var ok bool
		if args, ok = p.list1(p.scalar); !ok {
			return nil
		}
	}
	return p.node(&Function{Span: p.since(t.span.From), Name: t.text, Args: args})
}

func (p *parser) fold(t token) Expr {
	arg := p.nested(p.scalar)
	if arg == nil || !p.expect(")") {
		return nil
	}
	op := CaseInsensitive
	if t.word == "ACCENTI" {
		op = AccentInsensitive
	}
	return p.node(newFold(p.since(t.span.From), op, arg))
}

func (p *parser) instant(t token) Expr {
	s := p.peek()
	if s.kind != tokenText {
		p.add("expected", s.span, key(strings.ToLower(t.word)+"_text"), p.found())
		return nil
	}
	p.pos++
	parse, code := parseDate, "date"
	if t.word == "TIMESTAMP" {
		parse, code = parseTimestamp, "timestamp"
	}
	v, ok := parse(s.text)
	if !ok {
		p.add(code, s.span, cut(s.text, 40))
		return nil
	}
	if !p.expect(")") {
		return nil
	}
	return p.node(&Literal{Span: p.since(t.span.From), Value: v})
}

func (p *parser) interval(from int) Expr {
	start, ok := p.intervalEnd()
	if !ok || !p.expect(",") {
		return nil
	}
	end, ok := p.intervalEnd()
	if !ok || !p.expect(")") {
		return nil
	}
	return p.node(&Interval{Span: p.since(from), Start: start, End: end})
}

// intervalEnd reads one end; nil is '..'.
func (p *parser) intervalEnd() (Expr, bool) {
	t := p.peek()
	if t.kind != tokenText {
		e := p.nested(p.primary)
		return e, e != nil
	}
	p.pos++
	if t.text == ".." {
		return nil, true
	}
	v, ok := instantOf(t.text)
	if !ok {
		p.add("interval_end", t.span, cut(t.text, 40))
		return nil, false
	}
	e := p.node(&Literal{Span: t.span, Value: v})
	return e, e != nil
}

func instantOf(s string) (Value, bool) {
	if v, ok := parseDate(s); ok {
		return v, true
	}
	return parseTimestamp(s)
}

// reserved reports whether a word cannot be a name without quotes.
func reserved(word string) bool {
	switch word {
	case "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE", "DIV":
		return true
	}
	return false
}

func arrayFunction(word string) bool {
	switch word {
	case "A_EQUALS", "A_CONTAINS", "A_CONTAINEDBY", "A_OVERLAPS":
		return true
	}
	return false
}
