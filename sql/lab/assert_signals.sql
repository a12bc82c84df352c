create or replace function lab.assert_signals(
    p_backtest lab.backtests
)
returns void
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.assert_that(
               lab.hash_strategy(p_backtest.strategy_id) is not null
               or exists (select from lab.signal_sets as s where s.backtest_id = p_backtest.backtest_id),
               'MQS81', p_backtest.strategy_id);
$function$;

comment on function lab.assert_signals(lab.backtests) is
$$Refuses a backtest whose strategy is not SQL and has not given its signals.
Why: nothing given is no answer; it is not "wants nothing".
Raises: MQS81.$$;
