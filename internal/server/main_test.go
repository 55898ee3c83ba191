package server

import (
	"context"
	"os"
	"testing"

	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/store/storetest"
)

// TestMain lets the test binary be the worker that parses containers.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := cell.Worker(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(storetest.Main(m))
}
