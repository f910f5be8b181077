// Package filter is the one condition language of muscope: OGC CQL2 (21-065r2)
// as text and as JSON, read into one tree, checked against declared names, and
// evaluated with three values. Rules, the open APIs and the map's filter box
// use the same tree; the database turns it into SQL.
//
// # Reading and checking
//
// ParseText and ParseJSON read a filter whatever names it uses;
// Queryables.ParseText and Queryables.ParseJSON check names, types and words
// at once and report all faults together, each with line, column, source line
// and remedy. FormatText and FormatJSON print a tree; what they print reads
// back as the same tree.
//
// # The language
//
// Words in capitals are read in any case. A name may stand in double quotes,
// and must where it holds other characters than letters, digits, ".", ":" and
// "_", or is a reserved word.
//
//	condition  = term { "OR" term }
//	term       = factor { "AND" factor }
//	factor     = [ "NOT" ] ( predicate | "(" condition ")" | "TRUE" | "FALSE" )
//	predicate  = scalar ( "=" | "<>" | "<" | ">" | "<=" | ">=" ) scalar
//	           | scalar [ "NOT" ] "LIKE" pattern
//	           | scalar [ "NOT" ] "BETWEEN" scalar "AND" scalar
//	           | scalar [ "NOT" ] "IN" "(" scalar { "," scalar } ")"
//	           | operand "IS" [ "NOT" ] "NULL"
//	           | spatial "(" geometry "," geometry ")"
//	           | temporal "(" time "," time ")"
//	spatial    = "S_INTERSECTS" | "S_EQUALS" | "S_DISJOINT" | "S_TOUCHES"
//	           | "S_WITHIN" | "S_OVERLAPS" | "S_CROSSES" | "S_CONTAINS"
//	temporal   = "T_AFTER" | "T_BEFORE" | "T_DISJOINT" | "T_EQUALS" | "T_INTERSECTS"
//	           | "T_CONTAINS" | "T_DURING" | "T_FINISHEDBY" | "T_FINISHES" | "T_MEETS"
//	           | "T_METBY" | "T_OVERLAPPEDBY" | "T_OVERLAPS" | "T_STARTEDBY" | "T_STARTS"
//	scalar     = product { ( "+" | "-" ) product }
//	product    = power { ( "*" | "/" | "%" | "div" ) power }
//	power      = unit [ "^" unit ]
//	unit       = [ "-" ] ( number | name | function | text | "TRUE" | "FALSE" | instant
//	           | ( "CASEI" | "ACCENTI" ) "(" scalar ")" | "(" scalar ")" )
//	pattern    = text | ( "CASEI" | "ACCENTI" ) "(" pattern ")"
//	instant    = "DATE('2021-01-01')" | "TIMESTAMP('2021-01-01T00:00:00Z')"
//	time       = instant | name | "INTERVAL" "(" end "," end ")"
//	end        = "'2021-01-01'" | "'2021-01-01T00:00:00Z'" | "'..'" | name
//	geometry   = name | WKT, 2-D or Z | "BBOX" "(" 4 or 6 numbers ")"
//	text       = "'" characters, a quote doubled or after a backslash "'"
//
// # What the standard leaves open, and what is decided here
//
//   - Text is compared by code point (in SQL: COLLATE "C"). Nothing is
//     normalised unless CASEI or ACCENTI says so.
//   - CASEI is Unicode's full case folding; ACCENTI decomposes (NFD), drops the
//     marks U+0300 to U+036F and composes (NFC), so that Japanese voicing marks
//     stay.
//   - A date is a calendar day without a time zone. Dates and timestamps are
//     not cast to each other: mixing them is a fault. Timestamps have
//     microseconds. Intervals include both ends.
//   - Numbers are float64. A result out of its range, too large or too small,
//     is a missing value, and so is that of a division by zero. a div b is
//     a / b cut toward zero, a % b is a - b * (a div b); each step is one of
//     float64, which SQL can repeat.
//   - LIKE takes % for any characters, _ for one and \ before a character that
//     stands for itself. Backslashes right before a quote pair up, so that a
//     text may end in one: 'a\\' is a and one backslash.
//   - BETWEEN takes dates, timestamps and text too. NOT NOT and a minus before
//     a parenthesis are accepted. Fullwidth punctuation (，（＝) is a fault that
//     names the halfwidth character, though the standard takes it for letters.
//   - Heights in geometry literals are read and ignored: everything here is
//     flat. Measures and EMPTY are refused.
//   - Functions are none unless Queryables declares them. Array functions
//     (A_CONTAINS and so on) are not offered.
//
// # Three values
//
// Eval gives Yes, No or Unknown (the standard's TRUE, FALSE, NULL). A missing
// value makes a comparison Unknown, never No; IS NULL alone tells missing from
// present. NOT Unknown is Unknown; AND is the least, OR the greatest of its
// arguments, with No < Unknown < Yes.
//
// The package never knows land law, SQL, HTTP, or geometry on geometry: who
// wants spatial predicates evaluated hands in a function that does it.
package filter
