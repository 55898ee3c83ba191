package notice

import "sync"

type lanes struct {
	sync.Mutex
}
