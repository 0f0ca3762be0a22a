"""The fixtures, loaded by nothing but the installation of the wheel."""


def test_virtual_time(runtime_server, runtime_client, runtime_clock, runtime_scenario):
    """A job of 46 seconds is waited for in no time, over the fixtures of the package."""
    runtime_scenario.set(queue="1s", run="45s")
    job = runtime_client.submit_job("runtime-simple", {"iterations": 2})
    before = runtime_clock.now()
    assert job.result() == "All done!"
    assert runtime_clock.now() - before == 46
    assert runtime_server.url.startswith("http://127.0.0.1:")
