-- What only the database of a simulation has: its kept state, fault points in every table, a look inside.
-- It is laid over a deployed database that guard.sql has let pass.

create schema simulating;

create view simulating.tables as
select c.oid::regclass as name,
       (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
          from pg_attribute as a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')
           as columns
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
 where c.relkind = 'r' and pg_get_userbyid(n.nspowner) = 'mqk_owner';

create table simulating.sequences (name regclass primary key, last_value bigint);

create table simulating.faults (table_name text primary key);

create function simulating.keep() returns void language plpgsql as $function$
declare
    v_table record;
begin
    for v_table in select t.* from simulating.tables as t loop
        execute format('create table simulating.%I as select %s from %s',
                       v_table.name::oid, v_table.columns, v_table.name);
    end loop;
    insert into simulating.sequences
    select format('%I.%I', s.schemaname, s.sequencename)::regclass, s.last_value
      from pg_sequences as s where s.schemaname <> 'simulating';
end;
$function$;

-- Everything as it was kept. Triggers sleep, history is written anew: that is why this is no door.
create function simulating.restore() returns void language plpgsql as $function$
declare
    v_table record;
begin
    set local session_replication_role = replica;
    for v_table in select t.* from simulating.tables as t loop
        execute format('delete from %s', v_table.name);
        execute format('insert into %s (%s) overriding system value select * from simulating.%I',
                       v_table.name, v_table.columns, v_table.name::oid);
    end loop;
    delete from simulating.faults;
    perform setval(s.name, coalesce(s.last_value, 1), s.last_value is not null)
       from simulating.sequences as s;
end;
$function$;

create function simulating.tg_fail() returns trigger language plpgsql security definer as $function$
begin
    if exists (select from simulating.faults as f where f.table_name = tg_argv[0]) then
        raise exception using errcode = '40001', message = 'a fault point of the simulation',
            detail = tg_argv[0];
    end if;
    return null;
end;
$function$;

-- The n-th table fails every write from now on, until n is null.
create function simulating.set_fault(p_n integer) returns text language plpgsql as $function$
declare
    v_name text;
begin
    delete from simulating.faults;
    select t.name::text into v_name
      from simulating.tables as t
     where t.name::text ~ '^(audit|ledger|oms|recon|risk|run|strat)\.'
     order by t.name::text collate "C" limit 1 offset p_n;
    insert into simulating.faults select v_name where p_n is not null and v_name is not null;
    return v_name;
end;
$function$;

create function simulating.add_points() returns void language plpgsql as $function$
declare
    v_table record;
begin
    for v_table in select t.* from simulating.tables as t loop
        execute format(
            'create trigger _999_fail after insert or update on %s for each statement'
            ' execute function simulating.tg_fail(%L)', v_table.name, v_table.name::text);
    end loop;
end;
$function$;

-- The desk from inside, one document: what the oracles compare with what they saw.
create function simulating.look(p_run_id uuid) returns jsonb language sql as $function$
    select jsonb_build_object(
        'status', r.run_status,
        'reason', (select h.reason from run.run_history as h where h.run_id = r.run_id
                    order by h.history_seq desc limit 1),
        'shut', (select coalesce(jsonb_object_agg(g.gate, jsonb_build_object(
                            'open', g.is_open, 'expires', g.expires_at)), '{}')
                   from run.gates as g where g.run_id = r.run_id),
        'positions', (select coalesce(jsonb_object_agg(p.symbol, p.position_qty), '{}')
                        from ledger.positions as p
                       where p.run_id = r.run_id and p.position_qty <> 0),
        'cash', (select p.cash_micros from ledger.portfolios as p where p.run_id = r.run_id),
        'outbox', (select coalesce(jsonb_object_agg(x.outbox_status, x.n), '{}')
                     from (select o.outbox_status, count(*) as n from oms.outbox as o
                            where o.run_id = r.run_id group by o.outbox_status) as x),
        'orders', (select coalesce(jsonb_object_agg(o.client_order_id, jsonb_build_object(
                              'status', o.order_status, 'cum', o.cum_qty, 'gap', o.gap_qty)), '{}')
                     from oms.orders as o where o.run_id = r.run_id),
        'mapped', (select coalesce(jsonb_agg(m.broker_order_id order by m.broker_order_id), '[]')
                     from oms.broker_map as m where m.run_id = r.run_id),
        'heads', (select jsonb_agg(h.event_hash order by h.chain_id) from (
                      select distinct on (e.chain_id) e.chain_id, e.event_hash::text
                        from audit.events as e order by e.chain_id, e.event_seq desc) as h))
      from run.runs as r where r.run_id = p_run_id;
$function$;

-- The one thing that a simulation replaces: 48 ms, four times a life, and nothing here changes the catalog.
create or replace function core.compute_fingerprint() returns text language sql stable
    set search_path = pg_catalog, pg_temp as $$ select core.hash_text('simulated') $$;
