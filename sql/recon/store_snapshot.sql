create or replace function recon.store_snapshot(
    p_run_id   uuid,
    p_document jsonb,
    p_now_at   timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.snapshots (
        run_id, snapshot_seq, prior_captured_at, account_id, source, captured_at, document,
        received_at)
    select p_run_id, coalesce(b.snapshot_seq, 0) + 1, b.captured_at, p_document ->> 'account_id',
           p_document ->> 'source', recon.parse_captured_at(p_document), p_document, p_now_at
      from (select) as one
      left join (select s.snapshot_seq, s.captured_at from recon.snapshots as s
                  where s.run_id = p_run_id
                  order by s.snapshot_seq desc limit 1) as b on true
    returning snapshot_seq;
$function$;

comment on function recon.store_snapshot(uuid, jsonb, timestamptz) is
$$Stores a snapshot verbatim behind the one before; gives its number.
Raises: 23514 it was not captured after the one before.$$;
