create or replace function lab.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_code_sha256    text,
    p_latency_bars   integer,
    p_now_at         timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb := p_canonical_json::jsonb;
    v_hash   text := run.store_config(p_canonical_json, p_now_at);
    v_code   text := coalesce(
        lab.hash_strategy(v_config #>> '{strategy,strategy_id}'), p_code_sha256);
    v_set    lab.datasets;
    v_test   lab.backtests;
    v_bad    text;
begin
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_dataset_id;
    perform core.assert_that(found, 'MQN80', p_dataset_id::text);
    v_bad := lab.find_bad_action(v_set, v_config, p_now_at);
    perform core.assert_that(v_bad is null, 'MQA80', left(v_bad, 500));
    v_bad := md.find_bad_period(v_config #> '{data,forbid_periods}', v_set.symbols);
    perform core.assert_that(v_bad is null, 'MQA41', v_bad);
    v_bad := lab.find_obstacle(v_set, v_config, p_now_at);
    perform core.assert_that(v_bad is null, 'MQS88', left(v_bad, 500));
    v_test.backtest_id := core.derive_id('backtest', array[p_dataset_id::text, v_hash, v_code]
                                                || nullif(p_latency_bars, 0)::text);
    insert into lab.backtests (
        backtest_id, dataset_id, config_hash, strategy_id, code_sha256, parameters, initial_cash_micros,
        latency_bars, backtest_status, created_by, created_at)
    values (v_test.backtest_id, p_dataset_id, v_hash, v_config #>> '{strategy,strategy_id}', v_code,
            v_config #> '{strategy,parameters}', core.parse_micros(v_config #>> '{broker,initial_cash}'),
            p_latency_bars, 'CREATED', audit.get_actor(), p_now_at)
    on conflict (backtest_id) do nothing;
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = v_test.backtest_id;
    return v_test;
end;
$function$;

comment on function lab.open_backtest(uuid, text, text, integer, timestamptz) is
$$Opens the backtest of a config, in canonical json, on a dataset: the same two, with the same code of the
strategy, are the same backtest. p_code_sha256: the digest of a strategy outside the database; a SQL
strategy's is read from the catalog. p_latency_bars: how many bars pass an order by before it can trade, 0
but in a stress test.
Raises: MQN80 no such dataset; MQA80 a rule that a backtest cannot follow yet; MQA41 a
forbidden period that cannot be read; MQS88 bars on which a run would halt.$$;
