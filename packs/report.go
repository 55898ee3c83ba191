package packs

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/stanch/stanch/internal/datafile"
)

// report gathers the first fault of a file. One clear line helps more than forty
// that follow from it.
type report struct {
	src   *datafile.File
	fault *FileError
}

// checked is a value that can judge itself, wherever in a file it stands.
type checked interface {
	check(r *report, key string)
}

var idShape = regexp.MustCompile(`^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$`)

func (r *report) addf(key, format string, args ...any) {
	if r.fault == nil {
		r.fault = &FileError{File: r.src.Name, Line: r.src.Line(key), Key: key, Problem: fmt.Sprintf(format, args...)}
	}
}

func (r *report) need(ok bool, key, format string, args ...any) {
	if !ok {
		r.addf(key, format, args...)
	}
}

// text holds both languages of a text to be there.
func (r *report) text(t Text, key string) {
	if part, problem := t.Fault(); part != "" {
		r.addf(key+"."+part, "%s", problem)
	}
}

// ids checks that every id in a list is well formed and there once.
func (r *report) ids(list string, ids []string) {
	r.need(len(ids) > 0, list, "is empty; give at least one")
	seen := map[string]bool{}
	for i, id := range ids {
		key := fmt.Sprintf("%s[%d].id", list, i)
		r.need(idShape.MatchString(id), key, "is not an id; use lower-case letters, digits, _ . and -")
		r.need(!seen[id], key, "is used twice in this list; ids are unique")
		seen[id] = true
	}
}

// walk visits every value below v and lets those that can judge themselves do so.
func (r *report) walk(v any) { r.visit(reflect.ValueOf(v), "") }

func (r *report) visit(v reflect.Value, key string) {
	if r.fault != nil {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch c := v.Interface().(type) {
	case Text:
		r.text(c, key)
		return
	case checked:
		c.check(r, key)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				r.visit(v.Field(i), join(key, f))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.visit(v.Index(i), fmt.Sprintf("%s[%d]", key, i))
		}
	}
}

func join(key string, f reflect.StructField) string {
	name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case rest == "inline":
		return key
	case key == "":
		return name
	}
	return key + "." + name
}
