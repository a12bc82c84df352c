create or replace function ops.list_run_holds(
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
    select 2, 'run', r.run_status = 'RUNNING', h.moved_at, r.run_status || ': ' || h.reason,
           format('%s run %s of %s', r.mode, r.run_seq, r.engine_id),
           'run.run_history ' || h.history_seq,
           case r.run_status
               when 'ARMED' then format('mqk run begin %s', p_run_id)
               when 'HALTED' then format('mqk run clear-halted %s --reason "..."', p_run_id)
               else format('mqk run preflight %s', p_run_id) end
      from run.runs as r
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
     where r.run_id = p_run_id
     union all
    select 3, 'arming', r.run_status in ('ARMED', 'RUNNING') and g.boot_at = core.get_boot_at(),
           g.armed_at,
           case when g.run_id is null then 'never armed'
                when r.run_status not in ('ARMED', 'RUNNING') then 'disarmed'
                when g.boot_at <> core.get_boot_at()
                    then 'the server was started at ' || core.format_iso(core.get_boot_at())
                else format('armed by %s%s', g.armed_by, ', approved by ' || g.approved_by) end,
           g.words, 'run.armings ' || g.history_seq, format('mqk run preflight %s', p_run_id)
      from run.runs as r
      left join lateral (
           select g.* from run.armings as g
            where g.run_id = r.run_id order by g.history_seq desc limit 1) as g on true
     where r.run_id = p_run_id
     union all
    select 8, 'leader ' || l.worker_kind, l.is_held, l.taken_at, l.what,
           format('a lease of %s', run.get_lease_ttl(p_run_id)), 'run.leases',
           'mqk worker ' || l.worker_kind
      from run.list_leases(p_run_id, p_now_at) as l
     union all
    select 12, 'flatten', f.done_at is not null or d.defect is null, f.asked_at,
           case when f.done_at is not null then 'flat since ' || core.format_iso(f.done_at)
                else coalesce('waits: ' || d.defect, 'positions are being closed') end,
           format('asked by %s: %s', f.actor, f.reason), 'risk.flattens ' || f.halted_seq,
           'settle it with the broker; it goes on by itself'
      from risk.get_flatten(p_run_id) as f
      cross join lateral (select oms.find_reduction_defect(p_run_id, p_now_at) as defect) as d
     where f.run_id is not null;
$function$;

comment on function ops.list_run_holds(uuid, timestamptz) is
$$Where the run stands, what its arming is worth, who leads its workers.$$;
