create or replace function lab.run_backtest(
    p_backtest_id uuid,
    p_id_base     uuid,
    p_now_at      timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test   lab.backtests;
    v_config jsonb;
    v_terms  lab.terms;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    if v_test.backtest_status <> 'CREATED' then
        return v_test;
    end if;
    select c.config into strict v_config from run.configs as c where c.config_hash = v_test.config_hash;
    perform lab.signal_by_name(v_test);
    v_terms := row(
        v_config #>> '{engine,engine_id}', v_config #>> '{broker,account_id}', v_test.strategy_id,
        coalesce(p_id_base, lab.derive_rehearsal_run(v_test)), v_config #>> '{execution,fill_profile}',
        v_config #>> '{execution,slippage_bps}', v_config #>> '{execution,volatility_mult_bps}',
        v_config #>> '{execution,max_slippage_bps}', v_config #>> '{execution,fee_per_share_micros}',
        v_config #>> '{execution,fee_bps}', v_config #>> '{execution,participation_bps}',
        v_config #>> '{execution,split_above_qty}',
        (v_config #>> '{data,stale_data_threshold_seconds}')::bigint * 1000,
        v_test.latency_bars, v_config #>> '{strategy,protective_stop_bps}')::lab.terms;
    v_test := lab.run_kernel(
        v_test,
        risk.compute_limits(p_backtest_id, v_test.initial_cash_micros, v_config -> 'risk'),
        v_terms);
    perform lab.match_fills(v_test, v_terms);
    update lab.backtests as b
       set backtest_status = v_test.backtest_status, halt_reason = v_test.halt_reason,
           halted_at = v_test.halted_at, ticks = v_test.ticks, orders = v_test.orders,
           fills = v_test.fills, cash_micros = v_test.cash_micros, equity_micros = v_test.equity_micros,
           digest = lab.compute_digest(p_backtest_id)
     where b.backtest_id = p_backtest_id
    returning b.* into v_test;
    perform audit.append_desk_event(
        'LAB', 'BACKTEST_ENDED', to_jsonb(v_test) - array['created_at', 'created_by'], p_now_at);
    return v_test;
end;
$function$;

comment on function lab.run_backtest(uuid, uuid, timestamptz) is
$$Runs an opened backtest to its end, in one transaction, and gives its result; one that ended is given
as it is. p_id_base: the run whose order names break ties; null: its rehearsal's.
Raises: MQN81 no such backtest.$$;
