/*
 * search counts what one pattern matches in a file, by Hyperscan in its stream
 * mode, reading blocks of 1 MiB. It is what bench compares the scanner with,
 * and is built only where the library and a C compiler are.
 *
 *   cc -O2 -o search search.c -lhs && ./search '[0-9]{13,19}' FILE
 */
#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int count(unsigned int id, unsigned long long from, unsigned long long to, unsigned int flags, void *matches)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(unsigned long long *)matches;
	return 0;
}

static int fault(const char *what)
{
	fprintf(stderr, "search: %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	static char block[1 << 20];
	unsigned long long matches = 0;
	hs_database_t *db;
	hs_compile_error_t *error;
	hs_scratch_t *scratch = NULL;
	hs_stream_t *stream;
	ssize_t n;
	int file;

	if (argc != 3)
		return fault("want a pattern and a file");
	if (hs_compile(argv[1], 0, HS_MODE_STREAM, NULL, &db, &error) != HS_SUCCESS)
		return fault(error->message);
	if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS || hs_open_stream(db, 0, &stream) != HS_SUCCESS)
		return fault("no memory");
	if ((file = open(argv[2], O_RDONLY)) < 0)
		return fault("cannot open the file");
	while ((n = read(file, block, sizeof block)) > 0)
		if (hs_scan_stream(stream, block, (unsigned int)n, 0, scratch, count, &matches) != HS_SUCCESS)
			return fault("cannot search");
	if (n < 0 || hs_close_stream(stream, scratch, count, &matches) != HS_SUCCESS)
		return fault("cannot read the file");
	printf("%llu\n", matches);
	return 0;
}
