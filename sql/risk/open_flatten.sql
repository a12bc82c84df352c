create or replace function risk.open_flatten(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_flatten risk.flattens;
begin
    insert into risk.flattens (run_id, halted_seq, reason, actor, asked_at)
    select r.run_id, r.status_seq, coalesce(p_reason, 'critical: ' || t.reason), audit.get_actor(),
           run.clamp_now(p_run_id, p_now_at)
      from run.runs as r
      join risk.limits as l using (run_id)
      left join lateral (
           select left(t.reason, 400) as reason
             from run.trips as t
             join run.trip_kinds as k using (trip_kind)
            where t.run_id = r.run_id and t.halted_seq = r.status_seq and k.is_critical
            order by t.trip_seq limit 1) as t on true
     where r.run_id = p_run_id and r.run_status = 'HALTED'
       and (p_reason is not null or l.flatten_on_critical and t.reason is not null)
    on conflict (run_id, halted_seq) do nothing
    returning * into v_flatten;
    if not found then
        return false;
    end if;
    perform audit.append_event(
        p_run_id, 'RISK', 'FLATTEN_ASKED',
        jsonb_build_object('halted_seq', v_flatten.halted_seq, 'reason', v_flatten.reason), p_now_at);
    return true;
end;
$function$;

comment on function risk.open_flatten(uuid, text, timestamptz) is
$$Asks for all positions of a halted run to be closed: for a person's reason, or (p_reason null) when a
critical kill switch was pulled and risk.flatten_on_critical is set. Once a halt; true when it is new.$$;
