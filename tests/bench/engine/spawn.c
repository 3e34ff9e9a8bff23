/* spawn ROUNDS: times commands against each other, one line NAME<TAB>ARG<TAB>… of standard input each, '@' in an argument
 * being the number of the round. Every round runs each command once, in another order each time: what one
 * leaves to the kernel to tear down, the next one pays for. Prints for each
 *   NAME<TAB>median ms<TAB>least ms<TAB>median CPU ms<TAB>total ms<TAB>peak RSS in KiB<TAB>failures
 * Written in C and static, because a child's peak includes what its parent had at the time of its start. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { most_commands = 16, most_words = 1024, most_rounds = 4096 };

struct command {
  char* words[most_words];
  double* took;
  double* cpu;
  double total;
  long peak;
  int failures;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t) { return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3; }

static int by_size(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static char* with_round(const char* word, int round) {
  char* out = malloc(strlen(word) + 16);
  char* to = out;
  for (; *word; ++word) {
    if (*word == '@') to += sprintf(to, "%d", round);
    else *to++ = *word;
  }
  *to = 0;
  return out;
}

static void run(struct command* command, int round, const posix_spawn_file_actions_t* actions, char** environment) {
  char* argv[most_words] = {0};
  for (int i = 1; command->words[i]; ++i) argv[i - 1] = with_round(command->words[i], round);
  const double start = now();
  pid_t pid;
  int status = 1;
  struct rusage usage = {0};
  if (posix_spawn(&pid, argv[0], actions, NULL, argv, environment) == 0) wait4(pid, &status, 0, &usage);
  command->took[round] = now() - start;
  command->cpu[round] = ms(usage.ru_utime) + ms(usage.ru_stime);
  command->total += command->took[round];
  if (status != 0) command->failures++;
  if (usage.ru_maxrss > command->peak) command->peak = usage.ru_maxrss;
  for (int i = 0; argv[i]; ++i) free(argv[i]);
}

/* Another order of the first `count` numbers, the same in each run of the program. */
static void shuffle(int* order, int count) {
  static unsigned long state = 1;
  for (int i = count - 1; i > 0; --i) {
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    const int other = (int)((state >> 33) % (unsigned long)(i + 1));
    const int kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

int main(int argc, char** argv, char** environment) {
  const int rounds = argc == 2 ? atoi(argv[1]) : 0;
  if (rounds < 1 || rounds > most_rounds) return 2;
  static struct command commands[most_commands];
  int count = 0;
  char* line = NULL;
  size_t room = 0;
  while (count < most_commands && getline(&line, &room, stdin) > 0) {
    line[strcspn(line, "\n")] = 0;
    int words = 0;
    for (char* word = strtok(line, "\t"); word && words < most_words - 1; word = strtok(NULL, "\t"))
      commands[count].words[words++] = strdup(word);
    commands[count].took = calloc((size_t)rounds, sizeof(double));
    commands[count++].cpu = calloc((size_t)rounds, sizeof(double));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int stream = 0; stream < 3; ++stream) {
    if (stream < 2 || !getenv("SPAWN_ERRORS"))
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  }
  int order[most_commands];
  for (int i = 0; i < count; ++i) order[i] = i;
  for (int round = 0; round < rounds; ++round) {
    shuffle(order, count);
    for (int i = 0; i < count; ++i) run(&commands[order[i]], round, &actions, environment);
  }
  for (int i = 0; i < count; ++i) {
    const struct command* const c = &commands[i];
    qsort(c->took, (size_t)rounds, sizeof(double), by_size);
    qsort(c->cpu, (size_t)rounds, sizeof(double), by_size);
    printf("%s\t%.3f\t%.3f\t%.3f\t%.3f\t%ld\t%d\n", c->words[0], c->took[rounds / 2], c->took[0], c->cpu[rounds / 2],
           c->total, c->peak, c->failures);
  }
  return 0;
}
