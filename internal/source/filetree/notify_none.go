//go:build !linux && !windows

package filetree

import (
	"errors"

	"github.com/fsnotify/fsnotify"
)

// A notifier is not to be had here: what these systems offer opens every file
// that is watched, which a tree of 200,000 files does not survive.
type notifier struct{}

func newNotifier() (*notifier, error) { return nil, errors.ErrUnsupported }

func (n *notifier) add(string) error              { return errors.ErrUnsupported }
func (n *notifier) remove(string)                 {}
func (n *notifier) close()                        {}
func (n *notifier) events() <-chan fsnotify.Event { return nil }
func (n *notifier) errors() <-chan error          { return nil }
