//go:build !linux && !darwin

package weights

import "os"

// changes is empty where the system keeps no time of change besides the one that programs can set.
func changes(*os.File) string { return "" }
