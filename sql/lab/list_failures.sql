create or replace function lab.list_failures(
    p_profile  text,
    p_measures jsonb
)
returns table (
    gate_no bigint,
    measure text,
    reason  text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select g.gate_no, g.measure,
           case when v.value is null then g.measure || ' was not measured'
                when v.value in ('NaN', 'Infinity', '-Infinity')
                then format('%s is %s', g.measure, v.value)
                else format('%s %s is %s %s', g.measure, trim_scale(v.value),
                            case when g.is_least then 'below' else 'above' end,
                            trim_scale(g.threshold)) end
      from lab.list_gates(p_profile) as g
     cross join lateral (select (p_measures ->> g.measure)::numeric as value) as v
     where (v.value not in ('NaN', 'Infinity', '-Infinity')
            and case when g.is_least then v.value >= g.threshold else v.value <= g.threshold end)
           is not true
     order by g.gate_no;
$function$;

comment on function lab.list_failures(text, jsonb) is
$$Every gate of a profile that these measures do not pass, with its reason. What is missing, not a number or
infinite passes no gate.$$;
