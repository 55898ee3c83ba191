package main

import (
	"github.com/stanch/stanch/internal/cell"
)

// workerCmd is the process apart in which containers are parsed. Stanch starts
// it by itself; a person has no use for it.
type workerCmd struct{}

// Run serves the parent over standard input and output until that is closed.
func (c *workerCmd) Run(io *stdio) error {
	return cell.Worker(io.Ctx, io.In, io.Out)
}
