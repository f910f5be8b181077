//go:build !purego

package geojson

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// advanceAVX2 is advanceGeneric for n whole blocks at p. It also steps over blocks whose closing braces can't
// bring the depth to zero, counting them, so that it returns about once a feature.
//
//go:noescape
func advanceAVX2(s *braces, p *byte, n int) int

func (s *braces) advance(b []byte) int {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasPCLMULQDQ || !cpu.X86.HasPOPCNT {
		return s.advanceGeneric(b)
	}
	return block * advanceAVX2(s, unsafe.SliceData(b), len(b)/block)
}
