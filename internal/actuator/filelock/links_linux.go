package filelock

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/stanch/stanch/internal/containment"
)

// A name is one name of a file: its folder, as a path under a root, and what
// it is called there.
type name struct {
	root string
	dir  string // relative to the root, "." for itself
	base string
}

func (n name) path() string { return filepath.Join(n.root, n.dir, n.base) }

// at returns the name as a place.
func (n name) at(shown containment.Where) rooted {
	return rooted{shown, n.root, strings.Split(filepath.Join(n.dir, n.base), string(filepath.Separator))}
}

// linksOf lists the names of a file under the roots, masked and sorted, and
// counts those elsewhere.
func (l *Lock) linksOf(ctx context.Context, at rooted, t *target) (links []string, elsewhere int, err error) {
	names := []name{nameOf(at, t)}
	if t.st.Nlink > 1 {
		if names, err = l.namesOf(ctx, t.id(), nil); err != nil {
			return nil, 0, fault(at.Where, containment.FaultUnreadable)
		}
	}
	for _, n := range names {
		links = append(links, shown(n.path()))
	}
	slices.Sort(links)
	return links, max(0, int(t.st.Nlink)-len(names)), nil
}

// nameOf returns the name that a target was opened by.
func nameOf(at rooted, t *target) name {
	dir, err := filepath.Rel(at.root, t.dir.path)
	if err != nil {
		dir = "."
	}
	return name{at.root, dir, t.name}
}

// namesOf walks the roots for every name of a file. A root that is away is an
// error if one of the listed names lies under it.
func (l *Lock) namesOf(ctx context.Context, want id, listed []string) ([]name, error) {
	var found []name
	known := map[string]bool{}
	for _, root := range l.Roots() {
		root = filepath.Clean(root)
		top := root + string(filepath.Separator) // the root itself may be a link
		needed := slices.ContainsFunc(listed, func(path string) bool { return strings.HasPrefix(path, shown(top)) })
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil && path == top && needed {
				return err
			}
			if err != nil || !d.Type().IsRegular() {
				return ctx.Err() // what cannot be listed counts among the names elsewhere
			}
			info, err := d.Info()
			if err != nil {
				return nil
			}
			st, ok := info.Sys().(*syscall.Stat_t)
			if !ok || (id{st.Dev, st.Ino}) != want || known[path] {
				return nil
			}
			known[path] = true
			dir, err := filepath.Rel(root, filepath.Dir(path))
			found = append(found, name{root, dir, filepath.Base(path)})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	// A bind mount shows the same file a second time, which is no name of it.
	found = slices.DeleteFunc(found, func(n name) bool {
		dir, err := l.into(n.at(containment.Where{}), false)
		if err == nil {
			dir.close()
		}
		return err != nil
	})
	slices.SortFunc(found, func(a, b name) int { return strings.Compare(a.path(), b.path()) })
	return found, nil
}
