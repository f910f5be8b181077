//go:build !amd64 || purego

package geojson

func (s *braces) advance(b []byte) int { return s.advanceGeneric(b) }
