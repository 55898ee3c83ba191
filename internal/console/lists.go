package console

import (
	"context"
	"errors"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// A CaseFilter narrows a list of cases. Its zero value keeps all.
type CaseFilter struct {
	State  casefile.State
	Live   bool  // live ones only
	Unseen bool  // those nobody has opened
	Lying  bool  // those with something still where it was found
	Grave  bool  // the gravest first; not with Below
	Below  int64 // numbers below this one: the cursor; 0 begins at the newest
	Limit  int   // at most; 0 is 50
}

// A FindingFilter narrows a list of findings. Its zero value keeps all.
type FindingFilter struct {
	Case   casefile.ID
	State  finding.State
	Before int64      // last seen before this time, Unix microseconds: with After, the cursor
	After  finding.ID // and among equals, ids after this one
	Limit  int        // at most; 0 is 50
}

// An EntryFilter narrows a list of entries. Its zero value keeps all.
type EntryFilter struct {
	Case    string
	Subject ledger.Subject
	Kind    string
	Below   int64 // indexes below this one: the cursor; 0 begins at the newest
	Above   int64 // indexes above this one, oldest first; 0 is off
	Limit   int   // at most; 0 is 50
}

// Lists are the queries behind the pages. Every one answers for one tenant
// only and sees what is committed.
type Lists interface {
	Cases(ctx context.Context, t tenant.ID, f CaseFilter) ([]*casefile.Case, error)
	CountCases(ctx context.Context, t tenant.ID) (map[casefile.State]int64, error)
	// CountUnseen returns how many live cases nobody has opened.
	CountUnseen(ctx context.Context, t tenant.ID) (int64, error)
	// CountLying returns how many findings of live cases are still where they
	// were found, and how many open ones belong to no case.
	CountLying(ctx context.Context, t tenant.ID) (inCases, loose int64, err error)
	Findings(ctx context.Context, t tenant.ID, f FindingFilter) ([]*finding.Finding, error)
	CountFindings(ctx context.Context, t tenant.ID) (map[finding.State]int64, error)
	Entries(ctx context.Context, t tenant.ID, f EntryFilter) ([]ledger.Entry, error)
	Read(ctx context.Context, t tenant.ID, s ledger.Subject) (record.Thing, error)
	Size(ctx context.Context) (int64, error)
	Head(ctx context.Context) ([]byte, error)
}

// A Root is the state of one watched folder.
type Root struct {
	Path       string
	State      string   // starting, live, polling, unreadable or vanished
	Reasons    []string // overflow, watch_limit, network_mount, no_events, returned
	Files      int
	Queued     int
	Unreadable int
	Troubles   int
	Walking    bool
	Walked     time.Time // end of the last full walk
}

// A Trouble is something that could not be examined.
type Trouble struct {
	Path  string // safe to show: card numbers in names are masked
	Cause string // encrypted, over budget, unreadable, …: a word of ours
	At    time.Time
}

// ErrFolder says that a folder cannot be watched: it is not there, may not be
// read, or is our own.
var ErrFolder = errors.New("folder cannot be watched")

// Watch tells how far the watch can be relied on, and takes another folder.
type Watch interface {
	Roots() []Root
	Troubles(most int) (list []Trouble, total int)
	// Add begins to watch a folder, and remembers it. It returns an error
	// that wraps [ErrFolder] for one that cannot be watched.
	Add(ctx context.Context, who record.Who, path string) error
	// Rescan examines every place of a case again, and records what it
	// found. It returns when all of them were looked at.
	Rescan(ctx context.Context, who record.Who, id casefile.ID) error
}

// Machine tells about the machine and starts what is not a page.
type Machine interface {
	// Drill runs the live-fire exercise in a scratch folder and returns its
	// report as plain text. It takes up to a minute.
	Drill(ctx context.Context) (report string, passed bool, err error)
	// Demonstration reports whether the estate on show is a made-up one.
	Demonstration() bool
}
