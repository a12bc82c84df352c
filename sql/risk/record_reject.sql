create or replace function risk.record_reject(
    p_run_id    uuid,
    p_reference text,
    p_now_at    timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.rejects (run_id, reject_seq, reference, rejected_at)
    select p_run_id, coalesce(max(r.reject_seq), 0) + 1, p_reference,
           run.clamp_now(p_run_id, p_now_at)
      from risk.rejects as r
     where r.run_id = p_run_id
    on conflict (run_id, reference) do nothing;
$function$;

comment on function risk.record_reject(uuid, text, timestamptz) is
$$Counts an order that the broker refused, once.$$;
