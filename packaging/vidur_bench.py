"""Runs Vidur for `faultctl bench serving --peer COMMAND` and prints one line of JSON: how many requests, seconds of its event loop.

    python3 vidur_bench.py FOLDER LOAD [--scheduler sarathi|vllm]

FOLDER is Vidur's checkout. LOAD is a file of requests (CSV: arrived_at, num_prefill_tokens, num_decode_tokens) or how many there
shall be, all as long as ours are on average and arriving at the same rate. Only the event loop is timed: the forests are trained and
their tables made in the first run and kept in FOLDER/cache. A grid of one point, instead of Vidur's 27, spares a quarter of an hour
there and leaves the loop as it is: it looks the times up in the tables.
"""

import argparse
import importlib
import json
import logging
import os
import sys
import tempfile
import time
import types

PROMPT_TOKENS = 1182
ANSWER_TOKENS = 218
REQUESTS_PER_SECOND = 6.45
MAX_TOKENS = 4096
STEP_TOKENS = {"sarathi": 2048, "vllm": 4096}  # vLLM V1's budget on an A100; the whole prompts of V0


def stand_in(name, **members):
    """Vidur imports what draws and uploads its metrics, which are off here, even where that is not installed."""
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)


def simulation(arguments, output):
    from vidur import config as v

    scheduler = {
        "sarathi": lambda tokens: v.SarathiSchedulerConfig(chunk_size=tokens),
        "vllm": lambda tokens: v.VllmSchedulerConfig(max_tokens_in_batch=tokens),
    }[arguments.scheduler](STEP_TOKENS[arguments.scheduler])
    if not arguments.load.isdecimal():
        requests = v.TraceRequestGeneratorConfig(trace_file=arguments.load, max_tokens=MAX_TOKENS)
    else:
        requests = v.SyntheticRequestGeneratorConfig(
            num_requests=int(arguments.load),
            length_generator_config=v.FixedRequestLengthGeneratorConfig(
                prefill_tokens=PROMPT_TOKENS, decode_tokens=ANSWER_TOKENS, max_tokens=MAX_TOKENS
            ),
            interval_generator_config=v.PoissonRequestIntervalGeneratorConfig(qps=REQUESTS_PER_SECOND),
        )
    return v.SimulationConfig(
        cluster_config=v.ClusterConfig(
            replica_config=v.ReplicaConfig(model_name="meta-llama/Meta-Llama-3-8B", device="a100"),
            replica_scheduler_config=scheduler,
        ),
        request_generator_config=requests,
        execution_time_predictor_config=v.RandomForrestExecutionTimePredictorConfig(
            num_estimators=[250], max_depth=[32], min_samples_split=[2], k_fold_cv_splits=2
        ),
        metrics_config=v.MetricsConfig(write_metrics=False, enable_chrome_trace=False, store_plots=False, output_dir=output),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("load")
    parser.add_argument("--scheduler", choices=sorted(STEP_TOKENS), default="sarathi")
    arguments = parser.parse_args()
    if not arguments.load.isdecimal():
        arguments.load = os.path.abspath(arguments.load)
    os.chdir(arguments.folder)  # its profiles and its cache are found from there
    sys.path.insert(0, os.getcwd())
    stand_in("wandb", run=None)
    stand_in("plotly_express")
    stand_in("ddsketch")
    stand_in("ddsketch.ddsketch", DDSketch=lambda relative_accuracy: None)

    with tempfile.TemporaryDirectory() as output:
        from vidur.simulator import Simulator
        from vidur.utils.random import set_seeds

        logging.getLogger("vidur").setLevel(logging.WARNING)  # its log goes to the standard output
        set_seeds(42)
        simulator = Simulator(simulation(arguments, output))
        requests = len(simulator._event_queue)
        begin = time.perf_counter()
        simulator.run()
        seconds = time.perf_counter() - begin
    print(json.dumps({"requests": requests, "seconds": round(seconds, 6), "virtual_seconds": round(simulator._time, 3)}))


if __name__ == "__main__":
    main()
