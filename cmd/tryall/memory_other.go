//go:build !linux && !darwin

package main

// freeMemory is not known here.
func freeMemory() int64 { return 0 }

// peakMemory is not known here.
func peakMemory() int64 { return 0 }
