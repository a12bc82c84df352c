create or replace function ops.finish_backtest(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform lab.assert_signals(v_test);
    return lab.run_backtest(p_backtest_id, null, p_now_at);
end;
$function$;

comment on function ops.finish_backtest(uuid, timestamptz) is
$$Runs an opened backtest whose signals are there, and gives its result.
Raises: MQN81; MQS81 its strategy has not given its signals.$$;
