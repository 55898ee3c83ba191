//go:build !linux

package cell

// socketOpens is asked on linux only.
func socketOpens() bool { return false }

// capable is asked on linux only.
func capable() bool { return false }
