create or replace function lab.find_strategy(
    p_room        text,
    p_strategy_id text
)
returns regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_room
           when 'lab' then to_regprocedure(format('lab.%I(lab.backtests)', 'signal_' || p_strategy_id))
           when 'strat' then to_regprocedure(format('strat.%I(jsonb)', 'decide_' || p_strategy_id)) end;
$function$;

comment on function lab.find_strategy(text, text) is
$$The function of a strategy that is written in SQL, or null: strat.decide_<id>(context), which decides one
bar, or lab.signal_<id>(backtest), which gives its signals of a whole dataset at once.
Why: the catalog is the registry; a strategy without either lives outside the database.$$;
