//go:build !unix

package main

// openFlags are not needed on this system.
const openFlags = 0
