create or replace function oms.count_messages(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from risk.limits as l
      join oms.outbox as b using (run_id)
     where l.run_id = p_run_id
       and b.enqueued_at > p_now_at - l.message_window_ms * interval '1 ms';
$function$;

comment on function oms.count_messages(uuid, timestamptz) is
$$Requests to the broker (submits, cancels, replaces) that a run made within its message window.$$;
