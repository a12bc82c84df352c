create or replace function ops.list_data_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 1, 'data', d.reason is null, null::timestamptz, left(coalesce(d.reason, 'no defect'), 240),
           (select format('%s defects, of which the policy lets %s pass', count(*),
                          count(*) filter (where not a.is_brake))
              from md.list_defects(p_run_id, p_now_at) as a),
           'md.list_defects', format('mqk md defects %s; mqk md resolve', p_run_id)
      from run.runs as r
      cross join lateral md.describe_defects(r.run_id, p_now_at) as d
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_data_holds(uuid, timestamptz) is
$$Whether the data of a run can be trusted, and what is wrong with it: judged now, whatever the gate
last said.$$;
