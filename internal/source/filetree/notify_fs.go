//go:build linux || windows

package filetree

import (
	"github.com/fsnotify/fsnotify"
)

// eventBuffer holds what the kernel told while the keeper is busy for a moment.
const eventBuffer = 4096

// A notifier tells which names in its folders changed.
type notifier struct{ w *fsnotify.Watcher }

func newNotifier() (*notifier, error) {
	w, err := fsnotify.NewBufferedWatcher(eventBuffer)
	if err != nil {
		return nil, err
	}
	return &notifier{w}, nil
}

func (n *notifier) add(path string) error         { return n.w.Add(path) }
func (n *notifier) remove(path string)            { n.w.Remove(path) } // it fails if the folder is gone, and the watch with it
func (n *notifier) close()                        { n.w.Close() }
func (n *notifier) events() <-chan fsnotify.Event { return n.w.Events }
func (n *notifier) errors() <-chan error          { return n.w.Errors }
