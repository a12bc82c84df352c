create or replace function lab.signal_by_name(
    p_backtest lab.backtests
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if lab.find_strategy('lab', p_backtest.strategy_id) is not null then
        execute format('select lab.%I($1)', 'signal_' || p_backtest.strategy_id) using p_backtest;
    end if;
end;
$function$;

comment on function lab.signal_by_name(lab.backtests) is
$$Has a SQL strategy that can, give its signals of a whole dataset: lab.signal_<id>. One that cannot is
asked tick by tick, one outside the database has given them.$$;
