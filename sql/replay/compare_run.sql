create or replace function replay.compare_run(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    is_equal        boolean,
    difference      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with tables as materialized (
        select d.* from replay.list_digests(p_run_id, p_until_at) as d
    ), sums as (
        select t.* from tables as t
         union all
        select 'ALL', sum(t.stored_rows), sum(t.replayed_rows),
               core.hash_text(string_agg(t.table_name || ' ' || t.stored_digest, e'\n'
                                         order by t.table_name collate "C")),
               core.hash_text(string_agg(t.table_name || ' ' || t.replayed_digest, e'\n'
                                         order by t.table_name collate "C")), null
          from tables as t
         union all
        select 'audit.events', c.last_seq, c.last_seq, c.last_hash,
               case when v.event_seq is null then c.last_hash else '' end,
               format('event %s: %s', v.event_seq, v.finding)
          from audit.chains as c
          left join lateral (
               select b.* from audit.verify_chain(c.chain_id) as b limit 1) as v on true
         where c.chain_id = p_run_id
    )
    select s.table_name, case when p_until_at is null then s.stored_rows end, s.replayed_rows,
           case when p_until_at is null then s.stored_digest end, s.replayed_digest,
           case when p_until_at is null or s.table_name = 'audit.events'
                then s.stored_digest = s.replayed_digest end,
           case when s.stored_digest <> s.replayed_digest
                     and (p_until_at is null or s.table_name = 'audit.events') then s.difference end
      from sums as s
     order by s.table_name = 'ALL', s.table_name collate "C";
$function$;

comment on function replay.compare_run(uuid, timestamptz) is
$$As replay.list_digests, with the diary's own chain, and last the digest of all. With p_until_at: the
state of then, which nothing is stored of; the chain is looked at all the same.
Why: what is only in the tables and not in the diary did not happen.$$;
