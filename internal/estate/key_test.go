package estate_test

import (
	"testing"

	"filippo.io/age"
)

func newRecipientKey(t *testing.T) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return identity.Recipient().String()
}
