//go:build !purego

#include "textflag.h"

// func Pause()
TEXT ·Pause(SB), NOSPLIT, $0-0
	ISB $15 // stalls for some tens of nanoseconds; YIELD does nothing on most processors
	ISB $15
	RET
