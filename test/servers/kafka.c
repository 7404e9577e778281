/*
 * A mock cluster of librdkafka as a server: `kafka <brokers>`. Prints the brokers' addresses, then does what the lines of
 * its stdin say, and prints "done" after each. Ends with its stdin.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  char error[512], line[512], topic[256];
  int brokers = argc > 1 ? atoi(argv[1]) : 1, a, b, c;
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
  if (!rk) return fprintf(stderr, "%s\n", error), 1;
  rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, brokers);
  if (!cluster) return fprintf(stderr, "no mock cluster\n"), 1;
  printf("brokers %s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "topic %255s %d %d", topic, &a, &b) == 3)
      rd_kafka_mock_topic_create(cluster, topic, a, b);
    else if (sscanf(line, "leader %255s %d %d", topic, &a, &b) == 3)
      rd_kafka_mock_partition_set_leader(cluster, topic, a, b);
    else if (sscanf(line, "down %d", &a) == 1)
      rd_kafka_mock_broker_set_down(cluster, a);
    else if (sscanf(line, "up %d", &a) == 1)
      rd_kafka_mock_broker_set_up(cluster, a);
    else if (sscanf(line, "errors %d %d %d", &a, &b, &c) == 3)
      while (c-- > 0) rd_kafka_mock_push_request_errors(cluster, a, 1, b);
    else if (sscanf(line, "clear %d", &a) == 1)
      rd_kafka_mock_clear_request_errors(cluster, a);
    else
      printf("what is %s", line);
    printf("done\n");
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(rk);
  return 0;
}
