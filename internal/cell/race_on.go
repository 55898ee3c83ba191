//go:build race

package cell

// raceBuild: the race detector needs memory and C, which some limits forbid.
const raceBuild = true
