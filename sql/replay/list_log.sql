create or replace function replay.list_log(
    p_run_id uuid
)
returns table (
    line text
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    select l.line
      from (select 1 as part, e.event_seq as nth, '' as name, jsonb_build_object(
                       'kind', 'event', 'chain_id', e.chain_id, 'event_seq', e.event_seq,
                       'prev_hash', e.prev_hash, 'occurred_at', e.occurred_at,
                       'reported_at', e.reported_at, 'actor', e.actor, 'topic', e.topic,
                       'event_name', e.event_name, 'payload', e.payload::text,
                       'event_hash', e.event_hash)::text as line
              from audit.events as e where e.chain_id = p_run_id
             union all
            select 2, p.point_seq, '', jsonb_build_object(
                       'kind', 'point', 'session_on', p.session_on, 'equity_micros', p.equity_micros,
                       'gross_micros', p.gross_micros, 'marked_at', p.marked_at)::text
              from ledger.equity_points as p where p.run_id = p_run_id
             union all
            select 3, 0, t.table_name, jsonb_build_object(
                       'kind', 'table', 'table_name', t.table_name, 'rows', t.stored_rows,
                       'digest', t.stored_digest)::text
              from replay.compare_run(p_run_id, null) as t) as l
     order by l.part, l.nth, l.name collate "C";
$function$;

comment on function replay.list_log(uuid) is
$$The log of a run, a JSON object a line: its diary (payload as the text that is hashed), the points of its
equity, and at the end the digests of its stored state.
Why: who trusts neither this program nor this database folds the lines anew, with a program of their own.$$;
