create or replace function strat.run_sql_strategy(
    p_strategy_id text,
    p_context     jsonb
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_targets jsonb;
begin
    perform core.assert_that(
        to_regprocedure(format('strat.%I(jsonb)', 'decide_' || p_strategy_id)) is not null,
        'MQN05', p_strategy_id);
    execute format(
        'select jsonb_object_agg(d.symbol, strat.format_target(to_jsonb(d))) from strat.%I($1) as d',
        'decide_' || p_strategy_id)
       into v_targets using p_context;
    return coalesce(v_targets, '{}');
end;
$function$;

comment on function strat.run_sql_strategy(text, jsonb) is
$$Calls strat.decide_<strategy>(context) and gives its targets {symbol: target}, see strat.parse_target.
Why: a SQL strategy has the contract of a Python one; the name is looked up, then quoted.
Raises: MQN05 no such function.$$;
