create or replace function lab.is_step_ok(
    p_step_part text,
    p_scenario  text,
    p_measures  jsonb
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(
        case when p_step_part = 'TRAIN' then true
             when p_step_part = 'TEST' or c.must_profit
             then (p_measures ->> 'completed')::integer = 1
                  and (p_measures ->> 'total_return')::numeric > 0
             else (p_measures ->> 'max_drawdown')::numeric <= 0.25 end, false)
      from (select 1) as one
      left join lab.list_scenarios() as c on c.scenario = p_scenario;
$function$;

comment on function lab.is_step_ok(text, text, jsonb) is
$$Whether a step of a study went well. A test and dearer trading must end with a profit and without
a halt; in another market a brake may be pulled, and the drawdown is a quarter at most; training is not
judged. What was not measured did not go well.$$;
