create or replace function lab.get_step_window(
    p_backtest lab.backtests
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (c.config #>> '{strategy,window_bars}')::integer
      from run.configs as c
     where c.config_hash = p_backtest.config_hash
       and lab.find_strategy('lab', p_backtest.strategy_id) is null
       and lab.find_strategy('strat', p_backtest.strategy_id) is not null;
$function$;

comment on function lab.get_step_window(lab.backtests) is
$$How many bars a SQL strategy is shown at each tick; null when it is not asked at each tick.$$;
