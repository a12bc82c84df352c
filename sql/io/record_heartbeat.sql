create or replace function io.record_heartbeat(
    p_run_id           uuid,
    p_lease_epoch      bigint,
    p_worker_kind      text,
    p_worker_name      text,
    p_has_deadman_file boolean,
    p_now_at           timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.record_heartbeat(
           run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at),
           p_worker_kind, p_worker_name, p_has_deadman_file, p_now_at);
$function$;

comment on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) is
$$Service door to run.record_heartbeat for the worker that leads its kind.
Raises: MQG08 p_lease_epoch does not lead.$$;
