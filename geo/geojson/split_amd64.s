//go:build !purego

#include "textflag.h"

// The bytes looked for, each in all 32 places of a register.
DATA bytes<>+0(SB)/8, $0x2222222222222222 // quote
DATA bytes<>+8(SB)/8, $0x5C5C5C5C5C5C5C5C // backslash
DATA bytes<>+16(SB)/8, $0x7B7B7B7B7B7B7B7B // opening brace
DATA bytes<>+24(SB)/8, $0x7D7D7D7D7D7D7D7D // closing brace
GLOBL bytes<>(SB), RODATA|NOPTR, $32

// func advanceAVX2(s *braces, p *byte, n int) int
//
// Registers: SI text, CX blocks left, AX blocks done, R8 depth, R9 in string, R10 escaped, BX quotes,
// DX backslashes, R11 opening and R12 closing braces.
TEXT ·advanceAVX2(SB), NOSPLIT, $0-32
	MOVQ s+0(FP), DI
	MOVQ p+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ 0(DI), R8
	MOVQ 8(DI), R9
	MOVQ 16(DI), R10
	XORQ AX, AX
	VPBROADCASTQ bytes<>+0(SB), Y8
	VPBROADCASTQ bytes<>+8(SB), Y9
	VPBROADCASTQ bytes<>+16(SB), Y10
	VPBROADCASTQ bytes<>+24(SB), Y11
	VPCMPEQB X12, X12, X12

next:
	CMPQ AX, CX
	JGE  finished
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPCMPEQB Y8, Y0, Y2
	VPCMPEQB Y8, Y1, Y3
	VPMOVMSKB Y2, BX
	VPMOVMSKB Y3, R13
	SHLQ $32, R13
	ORQ  R13, BX
	VPCMPEQB Y9, Y0, Y2
	VPCMPEQB Y9, Y1, Y3
	VPOR Y2, Y3, Y4
	VPMOVMSKB Y4, DX
	ORQ  R10, DX
	JNZ  slashes

strings:
	VMOVQ BX, X5
	VPCLMULQDQ $0, X12, X5, X5
	VMOVQ X5, BX
	XORQ R9, BX
	MOVQ BX, R9
	SARQ $63, R9
	VPCMPEQB Y10, Y0, Y2
	VPCMPEQB Y10, Y1, Y3
	VPMOVMSKB Y2, R11
	VPMOVMSKB Y3, R13
	SHLQ $32, R13
	ORQ  R13, R11
	VPCMPEQB Y11, Y0, Y2
	VPCMPEQB Y11, Y1, Y3
	VPMOVMSKB Y2, R12
	VPMOVMSKB Y3, R13
	SHLQ $32, R13
	ORQ  R13, R12
	NOTQ BX
	ANDQ BX, R11
	ANDQ BX, R12
	POPCNTQ R12, R13
	CMPQ R13, R8
	JGE  candidate
	SUBQ R13, R8
	POPCNTQ R11, R13
	ADDQ R13, R8
	ADDQ $64, SI
	INCQ AX
	JMP  next

// quotes that follow an odd run of backslashes don't count
slashes:
	VPMOVMSKB Y2, DX
	VPMOVMSKB Y3, R13
	SHLQ $32, R13
	ORQ  R13, DX
	MOVQ R10, R13
	NOTQ R13
	ANDQ R13, DX              // slash &^= escaped
	MOVQ DX, R11
	SHLQ $1, R11
	ORQ  R10, R11             // follows
	MOVQ $0x5555555555555555, R14
	MOVQ R14, R12
	ORQ  R11, R12
	NOTQ R12
	ANDQ DX, R12              // odd = slash &^ even &^ follows
	XORQ R10, R10
	ADDQ DX, R12
	ADCQ $0, R10              // carry
	SHLQ $1, R12
	XORQ R14, R12
	ANDQ R11, R12
	NOTQ R12
	ANDQ R12, BX
	JMP  strings

// the depth may reach zero in this block: the caller looks at its braces one by one
candidate:
	ORQ  R12, R11
	MOVQ R11, 24(DI)

finished:
	MOVQ R8, 0(DI)
	MOVQ R9, 8(DI)
	MOVQ R10, 16(DI)
	MOVQ AX, ret+24(FP)
	VZEROUPPER
	RET
