//go:build !race

package cell

// raceBuild: see its other value.
const raceBuild = false
