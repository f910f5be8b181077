package filter

import "unicode/utf8"

// like matches s with a pattern of LIKE: % is any number of characters, _ one
// character, \ before a character is that character. It goes back to the last
// % only, so its time is at most the product of both lengths.
func like(s, pattern string) bool {
	i, j := 0, 0
	star, from := -1, 0 // behind the last %, and where its match ends so far
	for i < len(s) {
		if j < len(pattern) {
			switch c := pattern[j]; {
			case c == '%':
				j++
				star, from = j, i
				continue
			case c == '_':
				_, n := utf8.DecodeRuneInString(s[i:])
				i += n
				j++
				continue
			default:
				k := j
				if c == '\\' && j+1 < len(pattern) {
					k++
				}
				if pattern[k] == s[i] {
					i++
					j = k + 1
					continue
				}
			}
		}
		if star < 0 {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[from:])
		from += n
		i, j = from, star
	}
	for j < len(pattern) && pattern[j] == '%' {
		j++
	}
	return j == len(pattern)
}

// endsInEscape reports whether a pattern ends in a backslash that has nothing
// to escape.
func endsInEscape(pattern string) bool {
	n := 0
	for i := len(pattern) - 1; i >= 0 && pattern[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}
