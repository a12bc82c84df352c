create or replace function api.risk_trips(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    tripped_at  timestamptz,
    trip_kind   text,
    is_critical boolean,
    reason      text,
    evidence    jsonb,
    actor       text,
    flatten     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select t.tripped_at, t.trip_kind, k.is_critical, t.reason, t.evidence, t.actor,
           case when f.done_at is not null then 'DONE'
                when f.waits_for is not null then 'WAITS: ' || f.waits_for
                when f.run_id is not null then 'ASKED' end
      from run.trips as t
      join run.trip_kinds as k using (trip_kind)
      left join risk.flattens as f using (run_id, halted_seq)
     where t.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by t.trip_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.risk_trips(uuid, integer) is
$$The last kill switches that were pulled, with the numbers they saw and what became of the flatten of
their halt.
Raises: MQN02.$$;
