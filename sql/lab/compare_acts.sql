create or replace function lab.compare_acts(
    p_backtest_id uuid,
    p_acts        jsonb
)
returns table (
    fault text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('%s %s: backtest %s; run %s', coalesce(b.kind, r.kind), coalesce(b.place, r.place),
                  coalesce(b.act, 'nothing'), coalesce(r.act, 'nothing'))
      from lab.list_acts(p_backtest_id) as b
      full join jsonb_to_recordset(p_acts) as r (kind text, place bigint, act text)
        on (r.kind, r.place) = (b.kind, b.place)
     where b.act is distinct from r.act;
$function$;

comment on function lab.compare_acts(uuid, jsonb) is
$$Every act in which a run, told as [{kind, place, act}, ...], differs from a backtest. Nothing told is a
difference in every act.$$;
