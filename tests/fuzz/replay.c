/* Runs a fuzz target over files and folders, for compilers that have no fuzzer. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static unsigned replayed;

static int replay_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size + 1);
	FILE *file = fopen(path, "r");

	if (!data || !file || fread(data, 1, size, file) != size) {
		perror(path);
		return 1;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
	return 0;
}

static int replay(const char *path)
{
	struct stat status;
	struct dirent *entry;
	DIR *folder;
	int failed = 0;

	if (stat(path, &status) < 0) {
		perror(path);
		return 1;
	}
	if (S_ISREG(status.st_mode))
		return replay_file(path, (size_t)status.st_size);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		char inside[PATH_MAX];

		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			failed |= replay(inside);
	}
	if (folder)
		closedir(folder);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			failed |= replay(argv[i]);
	printf("%u inputs replayed\n", replayed);
	return failed || replayed == 0;
}
