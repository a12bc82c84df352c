create or replace function pager.collect_notices(
    p_engine_id text
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with behind as materialized (
        select c.chain_id, c.run_id, coalesce(k.read_seq, 0) as after_seq,
               least(c.last_seq, coalesce(k.read_seq, 0) + 1000) as until_seq
          from audit.chains as c
          left join pager.cursors as k using (chain_id)
         where c.engine_id = p_engine_id
           and c.last_seq > coalesce(k.read_seq, 0)
    ), advanced as (
        insert into pager.cursors as k (chain_id, read_seq)
        select b.chain_id, b.until_seq from behind as b order by b.chain_id
        on conflict (chain_id) do update set read_seq = greatest(k.read_seq, excluded.read_seq)
    ), told as (
        select e.*, t.event_text, u.severity, u.quiet_ms,
               case when u.channel <> 'MODE' then u.channel
                    else coalesce(nullif(r.mode, 'SHADOW'), 'PAPER') end as to_channel
          from behind as b
          join audit.events as e on e.chain_id = b.chain_id
                                and e.event_seq > b.after_seq and e.event_seq <= b.until_seq
          join pager.rules as u on u.event_name = e.event_name and e.payload @> u.matching
          left join run.runs as r on r.run_id = b.run_id
          cross join lateral pager.describe_event(e.payload) as t (event_text)
    ), made as (
        insert into pager.notices (
            engine_id, notice_id, chain_id, event_seq, event_name, channel, severity, notice_text,
            happened_at, attempts)
        select p_engine_id, core.derive_id('notice', array[t.to_channel, t.chain_id::text] || case
                   when t.quiet_ms = 0 then array[t.event_seq::text]
                   else array[t.event_name, t.event_text, core.format_iso(date_bin(
                            t.quiet_ms * interval '1 ms', t.occurred_at, 'epoch'))] end),
               t.chain_id, t.event_seq, t.event_name, t.to_channel, t.severity, t.event_text,
               t.occurred_at, 0
          from told as t
         order by array_position(array['CRITICAL', 'WARN', 'INFO'], t.severity), t.event_seq
        on conflict (engine_id, notice_id) do nothing
        returning 1
    )
    select count(*) from made;
$function$;

comment on function pager.collect_notices(text) is
$$Reads on in the engine's chains, at most 1000 events a chain, and makes a notice of each event that a
rule names; gives how many.
Why: the diary is written in the transaction of the fact and each chain has no holes, so nothing that
happened is missed and nothing is told that did not happen; and whoever trades waits for nobody here.
The same text within the quiet time of its rule is one notice.$$;
