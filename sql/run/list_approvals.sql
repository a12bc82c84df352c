create or replace function run.list_approvals(
    p_run_id uuid,
    p_now_at timestamptz
)
returns setof run.approvals
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from run.approvals as a
     where a.run_id = p_run_id
       and a.approved_at between p_now_at - interval '15 minutes' and p_now_at
       and not exists (
           select from run.run_history as h
            where h.run_id = a.run_id and h.from_status <> 'NONE' and h.moved_at > a.approved_at)
       and not exists (
           select from run.armings as g
            where (g.run_id, g.approved_by, g.approved_at)
                  = (a.run_id, a.approved_by, a.approved_at));
$function$;

comment on function run.list_approvals(uuid, timestamptz) is
$$The approvals of a run that still count: at most 15 minutes old, not older than the run's last
move, and not used by an arming.
Why: who approved before a halt has not seen the halt.$$;
