create or replace function ops.create_run(
    p_canonical_json text,
    p_as_of_at       timestamptz,
    p_now_at         timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_hash   text := run.store_config(p_canonical_json, p_now_at);
    v_config jsonb := p_canonical_json::jsonb;
    v_bad    text;
    v_cash   bigint;
    v_run_id uuid;
begin
    perform core.assert_that(num_nulls(p_as_of_at, p_now_at) = 0, 'MQA01', 'as_of_at, now_at');
    select string_agg(format('CONFIG_%s %s %s', c.rule, c.path, c.problem), '; ') into v_bad
      from ops.check_config(v_config) as c
     where c.is_fatal;
    perform core.assert_that(v_bad is null, 'MQA07', v_bad);
    perform ops.assert_symbols(v_config, p_as_of_at);
    v_cash := core.parse_micros(v_config #>> '{broker,initial_cash}');

    v_run_id := run.create_run(
        p_engine_id => v_config #>> '{engine,engine_id}', p_mode => v_config #>> '{engine,mode}',
        p_clock_kind => v_config #>> '{runtime,clock}', p_config_hash => v_hash,
        p_account_id => v_config #>> '{broker,account_id}', p_as_of_at => p_as_of_at,
        p_initial_cash_micros => v_cash,
        p_deadman_ttl_ms => (v_config #>> '{runtime,deadman_ttl_seconds}')::integer * 1000,
        p_gate_ttl_ms => (v_config #>> '{runtime,gate_ttl_seconds}')::bigint * 1000,
        p_needs_deadman_file => (v_config #>> '{runtime,deadman_file}')::boolean,
        p_symbols => array(select distinct jsonb_array_elements_text(
                             v_config #> '{strategy,symbols}')),
        p_now_at => p_now_at);
    perform ledger.open_portfolio(v_run_id, v_cash, p_now_at);
    perform risk.set_limits(v_run_id, v_cash, v_config -> 'risk', p_as_of_at::date, p_now_at);
    perform md.set_policy(v_run_id, v_config -> 'data');
    perform md.set_forbid_periods(v_run_id, v_config #> '{data,forbid_periods}');
    perform recon.set_tolerances(v_run_id, v_config -> 'reconcile', p_now_at);
    perform strat.assign_strategy(
        v_run_id, v_config #>> '{strategy,strategy_id}', v_config #>> '{data,timeframe}',
        (v_config #>> '{strategy,window_bars}')::integer, v_config #> '{strategy,parameters}',
        (v_config #>> '{strategy,protective_stop_bps}')::integer);
    return v_run_id;
end;
$function$;

comment on function ops.create_run(text, timestamptz, timestamptz) is
$$Creates a run from a config in canonical json: books, limits, policies, strategy; gives its id.
Raises: MQA06; MQA30 a secret; MQA07 naming every fault; MQA41; MQN03, MQN20 unknown
symbols; MQN05 unknown strategy.$$;
