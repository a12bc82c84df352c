"""The catalog of a database as text, to compare two deployments: no oids, no order of creation."""

from __future__ import annotations

from typing import Any

import psycopg

OURS = """with ours as (
    select oid, nspname, nspacl, nspowner
      from pg_namespace
     where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'sqitch', 'tap'))
"""
LISTS = {
    "schemas": """select nspname as name, nspowner::regrole::text,
                         coalesce(nspacl, acldefault('n', nspowner))::text,
                         obj_description(oid, 'pg_namespace') from ours""",
    "relations": """select format('%s.%s', nspname, relname) as name, relkind, relpersistence,
                           relowner::regrole::text, relacl::text, reloptions::text,
                           case when relkind = 'v' then pg_get_viewdef(c.oid) end,
                           case when relkind = 'i' then pg_get_indexdef(c.oid) end,
                           obj_description(c.oid, 'pg_class')
                      from pg_class as c join ours as n on n.oid = c.relnamespace""",
    "columns": """select format('%s.%s.%s', nspname, relname, attname) as name, attnum,
                         format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity,
                         attacl::text, pg_get_expr(adbin, adrelid), col_description(c.oid, attnum)
                    from pg_attribute as a
                    join pg_class as c on c.oid = a.attrelid
                    join ours as n on n.oid = c.relnamespace
                    left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = attnum
                   where attnum > 0 and not attisdropped""",
    "constraints": """select format('%s.%s.%s', nspname, relname, conname) as name,
                             pg_get_constraintdef(k.oid), convalidated,
                             obj_description(k.oid, 'pg_constraint')
                        from pg_constraint as k
                        join pg_class as c on c.oid = k.conrelid
                        join ours as n on n.oid = c.relnamespace""",
    "functions": """select format('%s.%s(%s)', nspname, proname,
                                  pg_get_function_identity_arguments(p.oid)) as name,
                           pg_get_functiondef(p.oid), proowner::regrole::text,
                           coalesce(proacl, acldefault('f', proowner))::text,
                           obj_description(p.oid, 'pg_proc')
                      from pg_proc as p join ours as n on n.oid = p.pronamespace""",
    "triggers": """select format('%s.%s.%s', nspname, relname, tgname) as name,
                          pg_get_triggerdef(t.oid), tgenabled
                     from pg_trigger as t
                     join pg_class as c on c.oid = t.tgrelid
                     join ours as n on n.oid = c.relnamespace
                    where not tgisinternal""",
    "types": """select format('%s.%s', nspname, typname) as name, typtype, typacl::text
                  from pg_type as t join ours as n on n.oid = t.typnamespace""",
    "default grants": """select defaclrole::regrole::text as name, defaclobjtype,
                                defaclacl::text from pg_default_acl""",
    "extensions": "select extname as name from pg_extension",
    "database": """select 'acl' as name, a.grantee::regrole::text, a.privilege_type
                     from pg_database
                    cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba))) as a
                    where datname = current_database()""",
}


def read_inventory(conn: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Every list, sorted, one line an object."""
    with conn.transaction():
        conn.execute("set local search_path = pg_catalog")
        return {
            name: sorted(repr(tuple(row.values())) for row in conn.execute(OURS + query))
            for name, query in LISTS.items()
        }


def read_rows(conn: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The rows that a deployment brings along (registries, legal moves)."""
    tables = conn.execute(
        OURS + "select format('%I.%I', nspname, relname) as name from pg_class as c"
        " join ours as n on n.oid = c.relnamespace where relkind = 'r'"
    ).fetchall()
    return {
        table["name"]: sorted(
            str(row["line"])
            for row in conn.execute(f"select t::text as line from {table['name']} as t")
        )
        for table in tables
    }
